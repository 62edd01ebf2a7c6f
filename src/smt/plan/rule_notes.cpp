#include "smt/plan/rule_notes.h"

#include <algorithm>

#include <fmt/format.h>

namespace starlift::smt {
namespace {

bool Matches(const RuleConfig& rule, const TableId& id) {
  return rule.database.Matches(id.database) && rule.schema.Matches(id.schema) &&
         rule.table.Matches(id.name);
}

}  // namespace

void LeaveOutTablesWithoutColumns(std::vector<RuleGroup>& groups, Notes& notes) {
  for (RuleGroup& group : groups) {
    std::erase_if(group.tables, [&](const Table* table) {
      if (!table->columns.empty()) return false;
      notes.Add("left out, as it has no column that this user sees", table->id.ToString());
      return true;
    });
  }
  std::erase_if(groups, [](const RuleGroup& group) { return group.tables.empty(); });
}

void NoteIdleRules(const Config& config, const Catalog& catalog,
                   const std::vector<RuleGroup>& groups, Notes& notes) {
  for (const RuleConfig& rule : config.rules) {
    const bool busy = std::any_of(groups.begin(), groups.end(),
                                  [&](const RuleGroup& group) { return group.rule == &rule; });
    if (busy) continue;
    const bool matches = std::any_of(catalog.tables.begin(), catalog.tables.end(),
                                     [&](const Table& table) { return Matches(rule, table.id); });
    notes.Add(fmt::format("[table-rule.{}] takes no table: {}", rule.name,
                          matches ? "those that it matches belong to rules further down"
                                  : "none matches its database, schema and table"));
  }
}

void NoteTablesKeptApart(const RuleGroup& group, const Dialect& dialect, const PlanOptions& options,
                         Notes& notes) {
  const bool original_merges = ShouldMerge(group, dialect, MergeRule::kAlike, Form::kCompat);
  if (options.merge != MergeRule::kNumbered || !original_merges) return;
  notes.Add(
      fmt::format("[table-rule.{}]: its {} tables look alike and stay apart, as their names "
                  "differ by more than a number at the end; --merge alike makes one of them, "
                  "as the original does",
                  group.rule->name, group.tables.size()));
}

}  // namespace starlift::smt
