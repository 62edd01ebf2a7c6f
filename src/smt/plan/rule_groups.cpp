#include "smt/plan/rule_groups.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <tuple>

namespace starlift::smt {
namespace {

std::string UpperCase(const std::string& text) {
  std::string upper = text;
  std::transform(upper.begin(), upper.end(), upper.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return upper;
}

using SortKey = std::tuple<std::string, std::string, std::string, TableId>;

SortKey SortKeyOf(const TableId& id) {
  return {UpperCase(id.database), UpperCase(id.schema), UpperCase(id.name), id};
}

}  // namespace

const RuleConfig* RuleFor(const TableId& table, const Config& config) {
  for (auto rule = config.rules.rbegin(); rule != config.rules.rend(); ++rule) {
    if (rule->database.Matches(table.database) && rule->schema.Matches(table.schema) &&
        rule->table.Matches(table.name)) {
      return &*rule;
    }
  }
  return nullptr;
}

std::vector<RuleGroup> GroupByRule(const Catalog& catalog, const Config& config) {
  std::map<const RuleConfig*, std::map<SortKey, const Table*>> by_rule;
  for (const Table& table : catalog.tables) {
    if (const RuleConfig* const rule = RuleFor(table.id, config)) {
      by_rule[rule].emplace(SortKeyOf(table.id), &table);
    }
  }
  std::vector<RuleGroup> groups;
  for (const RuleConfig& rule : config.rules) {
    const auto found = by_rule.find(&rule);
    if (found == by_rule.end()) continue;
    RuleGroup group{.rule = &rule};
    for (const auto& [key, table] : found->second) group.tables.push_back(table);
    groups.push_back(std::move(group));
  }
  return groups;
}

}  // namespace starlift::smt
