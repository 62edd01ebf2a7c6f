#include "sync/config/options_reference.h"

#include <algorithm>

#include <fmt/format.h>

#include "sync/config/rule_options.h"
#include "sync/config/task_options.h"

namespace starlift::sync {
namespace {

std::string Underscored(std::string_view name) {
  std::string spelled(name);
  std::replace(spelled.begin(), spelled.end(), '-', '_');
  return spelled;
}

std::string_view TypeText(OptionType type) {
  switch (type) {
    case OptionType::kText:
      return "text";
    case OptionType::kTexts:
      return "texts";
    case OptionType::kFlag:
      return "flag";
    case OptionType::kInteger:
      return "number";
    case OptionType::kBytes:
      return "size";
    case OptionType::kDuration:
      return "duration";
    case OptionType::kChoice:
      return "choice";
    case OptionType::kPairs:
      return "map";
    case OptionType::kList:
      return "list";
  }
  return "text";
}

// A cell of a Markdown table.
std::string Cell(std::string_view text) {
  std::string cell;
  for (const char c : text) {
    if (c == '|') cell += '\\';
    cell += c;
  }
  return cell;
}

std::string Code(std::string_view text) {
  return text.empty() ? std::string() : fmt::format("`{}`", text);
}

std::string OptionRow(const OptionDeclaration& option) {
  std::string meaning(option.help);
  if (const std::string range = DescribeRange(option);
      !range.empty() && option.type != OptionType::kFlag) {
    meaning += fmt::format(" ({})", range);
  }
  if (option.secret) meaning += " Secret.";
  return fmt::format(
      "| {} | {} | {} | {} | {} | {} |\n",
      option.places & kTaskFile ? Code(Underscored(option.name)) : "",
      option.places & kCommandLine ? Code(fmt::format("--{}", option.flag_name())) : "",
      option.places & kEnvironment ? Code(option.environment_name()) : "", TypeText(option.type),
      Code(option.default_text), Cell(meaning));
}

constexpr std::string_view kTableHead =
    "| task file | flag | environment | type | default | meaning |\n|---|---|---|---|---|---|\n";

}  // namespace

std::string RenderOptionsReference() {
  std::string text =
      "# Options of `starlift sync` and `starlift check`\n\n"
      "Made from the program's declarations by `starlift sync --print-options`; a test "
      "compares.\n\n"
      "An option may stand in the task file, in the environment and on the command line; the later "
      "wins.\nIn task files and URLs `_` and `-` are the same. Sizes are written like `64MiB`, "
      "durations like `500ms`,\n`30s`, `10min`. `${env:NAME}`, `${file:PATH}` and "
      "`${file:PATH:KEY}` stand for values kept elsewhere.\n";
  for (const OptionSection& section : TaskOptionSections()) {
    text += section.name.empty() ? std::string("\n## Top level\n\n")
                                 : fmt::format("\n## `{}:`\n\n", section.name);
    text += fmt::format("{}\n\n{}", section.help, kTableHead);
    for (const TaskOption& option : TaskOptions()) {
      if (option.declaration.section == section.name) text += OptionRow(option.declaration);
    }
  }
  text += fmt::format("\n## `rules:`\n\nA list; one map for each rule.\n\n{}", kTableHead);
  for (const RuleOption& option : RuleOptions()) text += OptionRow(option.declaration);
  return text;
}

}  // namespace starlift::sync
