#include "mapping/table_mapping.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "mapping/rule_matcher.h"
#include "mapping/table_mapper.h"
#include "mapping/target_names.h"
#include "starrocks/type_widening.h"

namespace starlift::mapping {
namespace {

using starrocks::TableDifference;
using starrocks::TargetColumn;
using starrocks::TargetTable;

using TargetName = std::pair<std::string, std::string>;

// Names that differ only in case are one name to some clusters and tools.
void CheckCase(const std::vector<TableMapping>& tables, std::vector<Finding>& findings) {
  std::map<TargetName, TargetName> first_spelling;
  for (const TableMapping& mapping : tables) {
    const TargetName name{mapping.target.database, mapping.target.name};
    const TargetName folded{FoldCase(name.first), FoldCase(name.second)};
    const auto [other, is_new] = first_spelling.emplace(folded, name);
    if (is_new || other->second == name) continue;
    findings.push_back(
        Finding{Severity::kError, "name-clash-case", mapping.source.id.ToString(),
                fmt::format("tables `{}`.`{}` and {} of the target differ only in case",
                            other->second.first, other->second.second, mapping.target.QuotedName()),
                fmt::format("add to rules: {{match: '{}', target_table: another_name}}",
                            MatchExpression(mapping.source.id))});
  }
}

// Widens `into` so that it takes the rows of `other`, too. A text says why it can't.
std::string Unite(const TargetTable& other, TargetTable& into) {
  if (other.model != into.model || other.key_columns != into.key_columns) {
    return "their keys differ";
  }
  if (other.columns.size() != into.columns.size()) return "their columns differ in number";
  for (size_t i = 0; i < into.columns.size(); ++i) {
    const auto found = other.FindColumn(into.columns[i].name);
    if (!found) return fmt::format("only one has column `{}`", into.columns[i].name);
    if (i < into.key_columns && *found != i) return "their key columns differ in order";
    const TargetColumn& theirs = other.columns[*found];
    const auto wider = starrocks::WidestType(into.columns[i].type, theirs.type);
    if (!wider) {
      return fmt::format("column `{}` is {} in one and {} in the other", theirs.name,
                         PrintType(into.columns[i].type), PrintType(theirs.type));
    }
    into.columns[i].type = *wider;
    into.columns[i].nullable |= theirs.nullable;
  }
  into.buckets = std::max(into.buckets, other.buckets);
  return "";
}

// Source tables that land in one target table agree on its definition.
void UniteSharedTargets(std::vector<TableMapping>& tables, std::vector<Finding>& findings) {
  std::map<TargetName, std::vector<TableMapping*>> by_target;
  for (TableMapping& mapping : tables) {
    by_target[{mapping.target.database, mapping.target.name}].push_back(&mapping);
  }
  for (auto& [name, mappings] : by_target) {
    if (mappings.size() == 1) continue;
    TargetTable united = mappings.front()->target;
    std::string why;
    const TableMapping* odd = nullptr;
    for (const TableMapping* mapping : mappings) {
      why = Unite(mapping->target, united);
      odd = mapping;
      if (!why.empty()) break;
    }
    if (!why.empty()) {
      findings.push_back(
          Finding{Severity::kError, "shared-target", odd->source.id.ToString(),
                  fmt::format("{} and {} can't share the target table {}: {}",
                              mappings.front()->source.id.ToString(), odd->source.id.ToString(),
                              united.QuotedName(), why),
                  "give one of them another target_table in rules, or make their columns alike"});
      continue;
    }
    for (TableMapping* mapping : mappings) {
      mapping->shared_target = true;
      AdaptToExisting(united, *mapping);
      mapping->target = united;
    }
    if (!mappings.front()->keyless) {
      mappings.front()->warnings.push_back(
          Finding{Severity::kWarning, "shared-target", united.QuotedName(),
                  fmt::format("{} source tables land in {}: of rows with the same key only the "
                              "last loaded stays",
                              mappings.size(), united.QuotedName()),
                  ""});
    }
  }
}

}  // namespace

Result<Mappings> BuildMappings(const Catalog& catalog, const MappingRequest& request) {
  SL_ASSIGN(const RuleMatcher rules, RuleMatcher::Compile(request.rules));
  Mappings mappings;
  for (const Table& table : catalog.tables) {
    SL_ASSIGN(std::optional<TableMapping> mapping,
              MapTable(table, rules.Match(table.id), request, mappings.findings));
    if (mapping) mappings.tables.push_back(std::move(*mapping));
  }
  CheckCase(mappings.tables, mappings.findings);
  UniteSharedTargets(mappings.tables, mappings.findings);
  return mappings;
}

std::vector<TableDifference> AdaptToExisting(const TargetTable& existing, TableMapping& mapping) {
  std::vector<TableDifference> differences = starrocks::CompareTables(existing, mapping.target);
  if (std::any_of(differences.begin(), differences.end(),
                  [](const TableDifference& difference) { return difference.blocking; })) {
    return differences;
  }
  starrocks::EncodePlan plan;
  plan.limit_primary_key = existing.model == starrocks::TableModel::kPrimaryKey;
  const auto is_kept = [&](const TargetColumn& column) {
    return std::find(mapping.kept_columns.begin(), mapping.kept_columns.end(), column.name) !=
           mapping.kept_columns.end();
  };
  bool all_columns = true;
  std::vector<ColumnIndex> columns;
  for (size_t i = 0; i < existing.columns.size(); ++i) {
    const TargetColumn& theirs = existing.columns[i];
    // The plan may know fewer columns than the target, where the mapping was fitted before.
    const auto place = mapping.target.FindColumn(theirs.name);
    const auto ours =
        std::find_if(mapping.plan.columns.begin(), mapping.plan.columns.end(),
                     [&](const starrocks::ColumnPlan& column) {
                       return place && mapping.target.FindColumn(column.name) == place;
                     });
    if (ours == mapping.plan.columns.end()) {
      all_columns = false;
      if (is_kept(theirs)) plan.null_columns.push_back(theirs.name);
      continue;
    }
    starrocks::ColumnPlan column = *ours;
    columns.push_back(mapping.columns[column.source_index]);
    starrocks::AdaptColumn(theirs, column);
    column.source_index = static_cast<uint32_t>(plan.columns.size());
    column.key = i < existing.key_columns;
    plan.columns.push_back(std::move(column));
  }
  starrocks::FinishEncodePlan(plan, all_columns);
  mapping.plan = std::move(plan);
  mapping.columns = std::move(columns);
  mapping.target = existing;
  return differences;
}

void KeepColumns(const std::vector<std::string>& columns, TableMapping& mapping) {
  mapping.kept_columns = columns;
  mapping.plan.null_columns.clear();
  for (const std::string& column : columns) {
    const bool mapped =
        std::any_of(mapping.plan.columns.begin(), mapping.plan.columns.end(),
                    [&](const starrocks::ColumnPlan& plan) { return plan.name == column; });
    if (!mapped && mapping.target.FindColumn(column)) mapping.plan.null_columns.push_back(column);
  }
  if (!mapping.plan.null_columns.empty()) starrocks::FinishEncodePlan(mapping.plan, false);
}

}  // namespace starlift::mapping
