#include "sync/config/task_file.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include "base/nearest.h"
#include "sync/config/rule_options.h"
#include "sync/config/substitution.h"
#include "sync/config/task_options.h"

namespace starlift::sync {
namespace {

constexpr std::string_view kVersion = "1";

// One file's worth of parsing. YAML's exceptions stay inside ParseTaskFile().
class TaskFileParser {
 public:
  TaskFileParser(std::string path, TaskConfig& config) : path_(std::move(path)), config_(config) {}

  Status Parse(const YAML::Node& root) {
    if (!root.IsMap()) return Wrong(root, "a task file is a YAML map", "begin it with version: 1");
    SL_TRY(CheckVersion(root));
    SL_TRY(CheckDuplicates(root));
    for (const auto& entry : root) {
      std::string key = entry.first.as<std::string>();
      if (key == "version") continue;
      std::replace(key.begin(), key.end(), '_', '-');
      if (IsSection(key)) {
        SL_TRY(ParseSection(key, entry.second));
      } else if (key == "rules") {
        SL_TRY(ParseRules(entry.second));
      } else {
        SL_TRY(ParseOption("", entry.first, entry.second));
      }
    }
    return {};
  }

 private:
  Error Wrong(const YAML::Node& node, std::string message, std::string mend = "") const {
    return Error{ErrorKind::kUsage, std::move(message), Place(node), std::move(mend)};
  }

  std::string Place(const YAML::Node& node) const {
    return fmt::format("{}:{}", path_, node.Mark().line + 1);
  }

  static bool IsSection(std::string_view key) {
    const auto sections = TaskOptionSections();
    return !key.empty() && std::any_of(sections.begin(), sections.end(),
                                       [&](const auto& each) { return each.name == key; });
  }

  Status CheckVersion(const YAML::Node& root) const {
    const YAML::Node version = root["version"];
    if (!version.IsDefined()) {
      return Wrong(root, "the task file doesn't say its version", "add the line version: 1");
    }
    if (!version.IsScalar() || version.Scalar() != kVersion) {
      return Wrong(version, "this build reads task files of version 1", "write version: 1");
    }
    return {};
  }

  // YAML lets the second of two equal keys win in silence.
  Status CheckDuplicates(const YAML::Node& map) const {
    std::set<std::string> seen;
    for (const auto& entry : map) {
      if (!entry.first.IsScalar()) return Wrong(entry.first, "a key must be a plain word");
      std::string key = entry.first.Scalar();
      std::replace(key.begin(), key.end(), '_', '-');
      if (!seen.insert(key).second) {
        return Wrong(entry.first, fmt::format("the key '{}' is there twice", entry.first.Scalar()));
      }
    }
    return {};
  }

  Status ParseSection(std::string_view section, const YAML::Node& node) {
    if (!node.IsMap()) {
      // `source: mysql://…` is short for a map with only a URL.
      const TaskOption* url = FindTaskOption(section, "url");
      if (url != nullptr && node.IsScalar()) return Apply(*url, node);
      return Wrong(node, fmt::format("'{}' must be a map of options", section));
    }
    SL_TRY(CheckDuplicates(node));
    // The URL first, whatever the order: single keys refine it.
    for (const bool url_turn : {true, false}) {
      for (const auto& entry : node) {
        if ((entry.first.Scalar() == "url") == url_turn) {
          SL_TRY(ParseOption(section, entry.first, entry.second));
        }
      }
    }
    return {};
  }

  Status ParseOption(std::string_view section, const YAML::Node& key, const YAML::Node& node) {
    const std::string& name = key.Scalar();
    const TaskOption* option = FindTaskOption(section, name);
    if (option != nullptr && (option->declaration.places & kTaskFile) != 0) {
      return Apply(*option, node);
    }
    if (section == "source") return PassToSource(name, node);
    std::vector<std::string_view> names;
    for (const TaskOption& each : TaskOptions()) {
      if (each.declaration.section == section && (each.declaration.places & kTaskFile)) {
        names.push_back(each.declaration.name);
      }
    }
    if (section.empty()) {
      for (const OptionSection& each : TaskOptionSections()) {
        if (!each.name.empty()) names.push_back(each.name);
      }
      names.push_back("rules");
    }
    const std::string place = section.empty() ? "a task file" : fmt::format("'{}'", section);
    return UnknownKey(key, place, names);
  }

  Status UnknownKey(const YAML::Node& key, const std::string& place,
                    std::span<const std::string_view> names) const {
    const auto nearest = NearestName(key.Scalar(), names);
    return Wrong(key, fmt::format("{} has no key '{}'", place, key.Scalar()),
                 nearest ? fmt::format("did you mean '{}'?", *nearest)
                         : "`starlift sync --print-schema` lists the keys");
  }

  // The source refuses what it doesn't know, when it is opened.
  Status PassToSource(std::string name, const YAML::Node& node) {
    if (!node.IsScalar())
      return Wrong(node, fmt::format("'source.{}' must be a plain value", name));
    auto text = Text(node);
    if (!text.ok()) return std::move(text).error();
    std::replace(name.begin(), name.end(), '-', '_');
    config_.source.options.emplace_back(std::move(name), *std::move(text));
    return {};
  }

  Result<std::string> Text(const YAML::Node& node) const {
    auto text = Substitute(node.Scalar(), ProcessEnvironment);
    if (!text.ok()) return std::move(text).error().At(Place(node));
    return text;
  }

  Status Apply(const TaskOption& option, const YAML::Node& node) {
    SL_ASSIGN(const OptionValue value, Value(option.declaration, node, option.substitutes_itself));
    auto applied = option.apply(config_, value);
    if (!applied.ok()) return std::move(applied).error().At(Place(node));
    return {};
  }

  Result<OptionValue> Value(const OptionDeclaration& declaration, const YAML::Node& node,
                            bool keep_placeholders) const {
    auto value = UncheckedValue(declaration, node, keep_placeholders);
    if (!value.ok() && value.error().where.empty()) {
      return std::move(value).error().At(Place(node));
    }
    return value;
  }

  Result<OptionValue> UncheckedValue(const OptionDeclaration& declaration, const YAML::Node& node,
                                     bool keep_placeholders) const {
    if (declaration.type == OptionType::kPairs) return Pairs(declaration, node);
    const bool takes_list =
        declaration.type == OptionType::kList || declaration.type == OptionType::kTexts;
    if (takes_list && node.IsSequence()) {
      std::vector<std::string> items;
      for (const YAML::Node& item : node) {
        if (!item.IsScalar()) return Wrong(item, "an entry of the list must be a plain value");
        SL_ASSIGN(std::string text, Text(item));
        items.push_back(std::move(text));
      }
      return ParseOptionList(declaration, std::move(items));
    }
    if (!node.IsScalar()) {
      return Wrong(node, fmt::format("'{}' must be a plain value{}", declaration.path(),
                                     takes_list ? " or a list" : ""));
    }
    if (keep_placeholders) return ParseOptionValue(declaration, node.Scalar());
    SL_ASSIGN(const std::string text, Text(node));
    return ParseOptionValue(declaration, text);
  }

  Result<OptionValue> Pairs(const OptionDeclaration& declaration, const YAML::Node& node) const {
    if (!node.IsMap()) {
      return Wrong(node, fmt::format("'{}' must be a map", declaration.name), "write name: value");
    }
    SL_TRY(CheckDuplicates(node));
    OptionValue value;
    for (const auto& entry : node) {
      if (!entry.second.IsScalar()) return Wrong(entry.second, "a value must be plain text");
      SL_ASSIGN(std::string text, Text(entry.second));
      value.pairs.emplace_back(entry.first.Scalar(), std::move(text));
    }
    return value;
  }

  Status ParseRules(const YAML::Node& node) {
    if (!node.IsSequence()) return Wrong(node, "'rules' must be a list", "- match: orders_.*");
    for (const YAML::Node& item : node) {
      if (!item.IsMap()) return Wrong(item, "a rule must be a map", "- match: orders_.*");
      SL_TRY(CheckDuplicates(item));
      mapping::TableRule rule;
      for (const auto& entry : item) SL_TRY(ParseRuleKey(entry.first, entry.second, rule));
      if (rule.match.empty())
        return Wrong(item, "the rule doesn't say which tables it is for", "add match: REGEX");
      config_.rules.push_back(std::move(rule));
    }
    return {};
  }

  Status ParseRuleKey(const YAML::Node& key, const YAML::Node& node, mapping::TableRule& rule) {
    const RuleOption* option = FindRuleOption(key.Scalar());
    if (option == nullptr) {
      std::vector<std::string_view> names;
      for (const RuleOption& each : RuleOptions()) names.push_back(each.declaration.name);
      return UnknownKey(key, "a rule", names);
    }
    SL_ASSIGN(const OptionValue value, Value(option->declaration, node, false));
    auto applied = option->apply(rule, value);
    if (!applied.ok()) return std::move(applied).error().At(Place(node));
    return {};
  }

  const std::string path_;
  TaskConfig& config_;
};

}  // namespace

Status ParseTaskFile(const std::string& text, const std::string& path, TaskConfig& config) {
  try {
    return TaskFileParser(path, config).Parse(YAML::Load(text));
  } catch (const YAML::Exception& e) {
    return Error{ErrorKind::kUsage, fmt::format("not well-formed YAML: {}", e.msg),
                 fmt::format("{}:{}", path, e.mark.line + 1)};
  }
}

Status ReadTaskFile(const std::string& path, TaskConfig& config) {
  if (std::filesystem::is_directory(path)) {
    return Error{ErrorKind::kUsage, fmt::format("{} is a directory, not a task file", path), "",
                 "give a task file, or source and target as URLs"};
  }
  std::ifstream file(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (!file.is_open() || file.bad()) {
    return Error{ErrorKind::kUsage,
                 fmt::format("can't read the task file {}: {}", path, std::strerror(errno)), "",
                 "give a task file, or source and target as URLs"};
  }
  return ParseTaskFile(text, path, config);
}

}  // namespace starlift::sync
