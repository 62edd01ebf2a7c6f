#include "mapping/table_rules.h"

#include <array>
#include <memory>

#include <fmt/format.h>
#include <re2/re2.h>

#include "mapping/rule_matcher.h"

namespace starlift::mapping {
namespace {

constexpr int kMaxGroups = 9;

Result<std::unique_ptr<RE2>> CompileExpression(const std::string& text) {
  RE2::Options options;
  options.set_log_errors(false);
  auto expression = std::make_unique<RE2>(text, options);
  if (!expression->ok()) {
    return Error{
        .kind = ErrorKind::kUsage,
        .message = fmt::format("`{}` is not a regular expression: {}", text, expression->error()),
        .mend =
            "expressions are those of RE2, anchored at both ends: orders.* and not "
            "orders*"};
  }
  return expression;
}

using Groups = std::array<re2::StringPiece, kMaxGroups + 1>;

bool MatchText(const RE2& expression, std::string_view text, Groups& groups) {
  const int count = std::min(expression.NumberOfCapturingGroups(), kMaxGroups) + 1;
  return expression.Match(re2::StringPiece(text.data(), text.size()), 0, text.size(),
                          RE2::ANCHOR_BOTH, groups.data(), count);
}

// A database without a name of its own for a schema: "database.table".
std::string FullName(const TableId& table) {
  return table.schema.empty() ? table.database + "." + table.name
                              : table.database + "." + table.schema + "." + table.name;
}

// {database}, {table}, {1} … {9}; "{{" is a brace.
Result<std::string> FillTemplate(std::string_view text, const TableId& table, const Groups* groups,
                                 int group_count) {
  std::string filled;
  while (!text.empty()) {
    const size_t brace = text.find('{');
    filled += text.substr(0, brace);
    if (brace == std::string_view::npos) break;
    text.remove_prefix(brace);
    if (text.starts_with("{{")) {
      filled += '{';
      text.remove_prefix(2);
      continue;
    }
    const size_t close = text.find('}');
    const std::string_view name =
        close == std::string_view::npos ? std::string_view{} : text.substr(1, close - 1);
    if (name == "table") {
      filled += table.name;
    } else if (name == "database") {
      filled += table.database;
    } else if (name == "schema") {
      filled += table.schema;
    } else if (name.size() == 1 && name[0] >= '1' && name[0] <= '0' + group_count) {
      if (groups != nullptr) {
        const re2::StringPiece& group = (*groups)[static_cast<size_t>(name[0] - '0')];
        filled.append(group.data() == nullptr ? "" : group.data(), group.size());
      }
    } else {
      return Error{
          .kind = ErrorKind::kUsage,
          .message = fmt::format("`{}` in a target name stands for nothing",
                                 text.substr(0, close == std::string_view::npos ? 10 : close + 1)),
          .mend =
              "write {database}, {table}, or {1} for the first group of `match`; {{ for a brace"};
    }
    text.remove_prefix(close + 1);
  }
  return filled;
}

}  // namespace

Result<TableFilter> CompileTableFilter(const std::vector<std::string>& include,
                                       const std::vector<std::string>& exclude) {
  using Expressions = std::vector<std::unique_ptr<RE2>>;
  auto included = std::make_shared<Expressions>();
  auto excluded = std::make_shared<Expressions>();
  for (const auto& [texts, expressions] :
       {std::pair{&include, included.get()}, std::pair{&exclude, excluded.get()}}) {
    for (const std::string& text : *texts) {
      SL_ASSIGN(std::unique_ptr<RE2> expression, CompileExpression(text));
      expressions->push_back(std::move(expression));
    }
  }
  return TableFilter([included, excluded](const TableId& table) {
    const std::string full_name = FullName(table);
    const auto matches = [&](const Expressions& expressions) {
      Groups groups;
      for (const auto& expression : expressions) {
        if (MatchText(*expression, table.name, groups) ||
            MatchText(*expression, full_name, groups)) {
          return true;
        }
      }
      return false;
    };
    return (included->empty() || matches(*included)) && !matches(*excluded);
  });
}

struct RuleMatcher::State {
  struct Entry {
    const TableRule* rule;
    std::unique_ptr<RE2> expression;
  };
  std::vector<Entry> entries;
};

RuleMatcher::RuleMatcher(std::unique_ptr<State> state) : state_(std::move(state)) {}
RuleMatcher::~RuleMatcher() = default;
RuleMatcher::RuleMatcher(RuleMatcher&&) noexcept = default;
RuleMatcher& RuleMatcher::operator=(RuleMatcher&&) noexcept = default;

Result<RuleMatcher> RuleMatcher::Compile(const std::vector<TableRule>& rules) {
  auto state = std::make_unique<State>();
  for (const TableRule& rule : rules) {
    State::Entry entry{.rule = &rule};
    SL_ASSIGN(entry.expression, CompileExpression(rule.match));
    const int groups = std::min(entry.expression->NumberOfCapturingGroups(), kMaxGroups);
    for (const std::string& text : {rule.target_database, rule.target_table}) {
      Result<std::string> tried = FillTemplate(text, TableId{}, nullptr, groups);
      if (!tried.ok()) return std::move(tried.error()).At(fmt::format("rule for `{}`", rule.match));
    }
    state->entries.push_back(std::move(entry));
  }
  return RuleMatcher(std::move(state));
}

RuleMatch RuleMatcher::Match(const TableId& table) const {
  const std::string full_name = FullName(table);
  for (const State::Entry& entry : state_->entries) {
    Groups groups;
    if (!MatchText(*entry.expression, table.name, groups) &&
        !MatchText(*entry.expression, full_name, groups)) {
      continue;
    }
    const int count = std::min(entry.expression->NumberOfCapturingGroups(), kMaxGroups);
    // The templates were tried when the rules were compiled.
    return RuleMatch{
        .rule = entry.rule,
        .target_database = FillTemplate(entry.rule->target_database, table, &groups, count).value(),
        .target_table = FillTemplate(entry.rule->target_table, table, &groups, count).value()};
  }
  return {};
}

}  // namespace starlift::mapping
