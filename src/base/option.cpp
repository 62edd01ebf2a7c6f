#include "base/option.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/nearest.h"
#include "base/quantity.h"

namespace starlift {
namespace {

Error BadValue(const OptionDeclaration& declaration, std::string_view text, std::string_view must) {
  const std::string shown = declaration.secret ? "its value" : fmt::format("'{}'", text);
  return Error{ErrorKind::kUsage,
               fmt::format("option {}: {} must be {}", declaration.flag_name(), shown, must)};
}

Result<OptionValue> InRange(const OptionDeclaration& declaration, std::string_view text,
                            int64_t number) {
  if (number < declaration.minimum || number > declaration.maximum) {
    return BadValue(declaration, text, DescribeRange(declaration));
  }
  OptionValue value;
  value.text = text;
  value.number = number;
  return value;
}

bool IsChoice(const OptionDeclaration& declaration, std::string_view text) {
  return declaration.choices.empty() ||
         std::find(declaration.choices.begin(), declaration.choices.end(), text) !=
             declaration.choices.end();
}

Result<OptionValue> ParseFlag(const OptionDeclaration& declaration, std::string_view text) {
  OptionValue value;
  value.text = text;
  if (text == "true" || text == "yes" || text == "on" || text == "1") {
    value.number = 1;
  } else if (text != "false" && text != "no" && text != "off" && text != "0") {
    return BadValue(declaration, text, "true or false");
  }
  return value;
}

std::vector<std::string> SplitList(std::string_view text) {
  std::vector<std::string> items;
  while (!text.empty()) {
    const size_t comma = std::min(text.find(','), text.size());
    std::string_view item = text.substr(0, comma);
    while (!item.empty() && item.front() == ' ') item.remove_prefix(1);
    while (!item.empty() && item.back() == ' ') item.remove_suffix(1);
    if (!item.empty()) items.emplace_back(item);
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return items;
}

std::string PrintBound(const OptionDeclaration& declaration, int64_t bound) {
  if (declaration.type == OptionType::kBytes) return FormatBytes(static_cast<uint64_t>(bound));
  if (declaration.type == OptionType::kDuration) {
    return FormatDuration(std::chrono::milliseconds(bound));
  }
  return std::to_string(bound);
}

}  // namespace

std::string OptionDeclaration::path() const {
  return section.empty() ? std::string(name) : fmt::format("{}.{}", section, name);
}

std::string OptionDeclaration::environment_name() const {
  std::string text = fmt::format("STARLIFT_{}", flag_name());
  for (char& c : text) {
    if (c == '-') c = '_';
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return text;
}

std::string DescribeRange(const OptionDeclaration& declaration) {
  switch (declaration.type) {
    case OptionType::kFlag:
      return "true or false";
    case OptionType::kChoice:
      return fmt::format("one of {}", fmt::join(declaration.choices, ", "));
    case OptionType::kList:
      return declaration.choices.empty()
                 ? std::string()
                 : fmt::format("some of {}", fmt::join(declaration.choices, ", "));
    case OptionType::kText:
    case OptionType::kTexts:
    case OptionType::kPairs:
      return {};
    default:
      break;
  }
  if (declaration.maximum == std::numeric_limits<int64_t>::max()) {
    return declaration.minimum == 0
               ? std::string()
               : fmt::format("at least {}", PrintBound(declaration, declaration.minimum));
  }
  return fmt::format("{} to {}", PrintBound(declaration, declaration.minimum),
                     PrintBound(declaration, declaration.maximum));
}

Result<OptionValue> ParseOptionValue(const OptionDeclaration& declaration, std::string_view text) {
  const auto named = [&](Error error) {
    error.message = fmt::format("option {}: {}", declaration.flag_name(), error.message);
    return error;
  };
  switch (declaration.type) {
    case OptionType::kFlag:
      return ParseFlag(declaration, text);
    case OptionType::kInteger: {
      auto number = ParseInteger(text);
      if (!number.ok()) return named(std::move(number).error());
      return InRange(declaration, text, *number);
    }
    case OptionType::kBytes: {
      auto bytes = ParseBytes(text);
      if (!bytes.ok()) return named(std::move(bytes).error());
      return InRange(declaration, text, static_cast<int64_t>(*bytes));
    }
    case OptionType::kDuration: {
      auto duration = ParseDuration(text);
      if (!duration.ok()) return named(std::move(duration).error());
      return InRange(declaration, text, duration->count());
    }
    case OptionType::kList:
      return ParseOptionList(declaration, SplitList(text));
    case OptionType::kChoice:
      if (!IsChoice(declaration, text)) {
        return BadValue(declaration, text, DescribeRange(declaration));
      }
      break;
    case OptionType::kTexts:
      return ParseOptionList(declaration, {std::string(text)});
    case OptionType::kPairs:
      return BadValue(declaration, text, "a map of names to values");
    case OptionType::kText:
      break;
  }
  OptionValue value;
  value.text = text;
  return value;
}

Result<OptionValue> ParseOptionList(const OptionDeclaration& declaration,
                                    std::vector<std::string> items) {
  for (const std::string& item : items) {
    if (!IsChoice(declaration, item))
      return BadValue(declaration, item, DescribeRange(declaration));
  }
  OptionValue value;
  value.text = fmt::format("{}", fmt::join(items, ","));
  value.items = std::move(items);
  return value;
}

namespace {

const OptionDeclaration* FindFlag(std::span<const OptionDeclaration* const> declarations,
                                  std::string_view flag) {
  for (const OptionDeclaration* each : declarations) {
    if ((each->places & kCommandLine) == 0) continue;
    if (std::equal(flag.begin(), flag.end(), each->flag_name().begin(), each->flag_name().end(),
                   [](char a, char b) { return a == b || (a == '_' && b == '-'); })) {
      return each;
    }
  }
  return nullptr;
}

Error UnknownFlag(std::span<const OptionDeclaration* const> declarations, std::string_view flag) {
  std::vector<std::string_view> names = {"help"};
  for (const OptionDeclaration* each : declarations) {
    if (each->places & kCommandLine) names.push_back(each->flag_name());
  }
  const auto nearest = NearestName(flag, names);
  return Error{ErrorKind::kUsage, fmt::format("there is no option --{}", flag), "",
               nearest ? fmt::format("did you mean --{}?", *nearest) : "--help lists the options"};
}

}  // namespace

Result<CommandLine> ParseCommandLine(std::span<const OptionDeclaration* const> declarations,
                                     std::span<const std::string> arguments) {
  CommandLine line;
  for (size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    if (argument == "--") {
      line.positionals.insert(line.positionals.end(), arguments.begin() + i + 1, arguments.end());
      break;
    }
    if (argument == "-h") {
      line.help = true;
      continue;
    }
    if (argument.size() > 1 && argument[0] == '-' && argument[1] != '-') {
      return UnknownFlag(declarations, std::string_view(argument).substr(1));
    }
    if (!argument.starts_with("--")) {
      line.positionals.push_back(argument);
      continue;
    }
    const size_t equals = argument.find('=');
    const std::string_view flag = std::string_view(argument).substr(
        2, equals == std::string::npos ? std::string::npos : equals - 2);
    if (flag == "help") {
      line.help = true;
      continue;
    }
    const OptionDeclaration* found = FindFlag(declarations, flag);
    if (found == nullptr && flag.starts_with("no-") && equals == std::string::npos) {
      found = FindFlag(declarations, flag.substr(3));
      if (found != nullptr && found->type == OptionType::kFlag) {
        line.options.emplace_back(found, "false");
        continue;
      }
      found = nullptr;
    }
    if (found == nullptr) return UnknownFlag(declarations, flag);
    if (equals != std::string::npos) {
      line.options.emplace_back(found, argument.substr(equals + 1));
    } else if (found->type == OptionType::kFlag) {
      line.options.emplace_back(found, "true");
    } else if (i + 1 < arguments.size()) {
      line.options.emplace_back(found, arguments[++i]);
    } else {
      return Error{ErrorKind::kUsage, fmt::format("option --{} needs a value", flag), "",
                   fmt::format("--{} {}", found->flag_name(), found->placeholder)};
    }
  }
  return line;
}

std::string RenderOptionHelp(std::span<const OptionDeclaration* const> declarations) {
  constexpr size_t kIndent = 28, kWidth = 80;
  std::string help;
  for (const OptionDeclaration* each : declarations) {
    if ((each->places & kCommandLine) == 0) continue;
    const bool may_be_denied = each->type == OptionType::kFlag && !each->default_text.empty();
    std::string head = fmt::format("  --{}{}", may_be_denied ? "[no-]" : "", each->flag_name());
    if (each->type != OptionType::kFlag) head += fmt::format(" {}", each->placeholder);
    std::string body(each->help);
    if (const std::string range = DescribeRange(*each);
        !range.empty() && each->type != OptionType::kFlag) {
      body += fmt::format(
          " {}{}.", static_cast<char>(range[0] - ('a' <= range[0] && range[0] <= 'z' ? 32 : 0)),
          range.substr(1));
    }
    if (each->default_text == "true") {
      body += " Default: yes.";
    } else if (!each->default_text.empty() && each->type != OptionType::kFlag) {
      body += fmt::format(" Default: {}.", each->default_text);
    }
    help += head;
    size_t column = head.size();
    if (column + 2 > kIndent) {
      help += '\n';
      column = 0;
    }
    help += std::string(kIndent - column, ' ');
    column = kIndent;
    for (std::string_view rest = body; !rest.empty();) {
      const size_t space = std::min(rest.find(' '), rest.size());
      const std::string_view word = rest.substr(0, space);
      if (column > kIndent && column + 1 + word.size() > kWidth) {
        help += '\n' + std::string(kIndent, ' ');
        column = kIndent;
      } else if (column > kIndent) {
        help += ' ';
        ++column;
      }
      help += word;
      column += word.size();
      rest.remove_prefix(std::min(space + 1, rest.size()));
    }
    help += '\n';
  }
  return help;
}

}  // namespace starlift
