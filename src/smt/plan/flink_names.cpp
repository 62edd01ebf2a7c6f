#include "smt/plan/flink_names.h"

#include <optional>
#include <set>
#include <string>

#include <fmt/format.h>

#include "starrocks/ddl_printer.h"

namespace starlift::smt {
namespace {

using starrocks::QuoteName;

struct Names {
  std::set<std::string> databases, schemas, tables;

  bool Hold(const TableId& id) const {
    return databases.contains(id.database) && schemas.contains(id.schema) &&
           tables.contains(id.name);
  }
};

Names NamesOf(const PlannedTable& table) {
  Names names;
  for (const Table* const source : table.sources) {
    names.databases.insert(source->id.database);
    names.schemas.insert(source->id.schema);
    names.tables.insert(source->id.name);
  }
  return names;
}

std::string Alternatives(const std::set<std::string>& names) {
  std::string expression;
  for (const std::string& name : names) {
    expression += (expression.empty() ? "(" : "|") + QuotePattern(name);
  }
  return expression + ")";
}

// Whether the rule's patterns match tables that belong to a later rule; those that the names of the
// shards, listed one by one, take as well are noted.
bool PatternsTakeOthers(const Catalog& catalog, const PlannedTable& table, const Names& names,
                        Notes& notes) {
  const std::set<const Table*> ours(table.sources.begin(), table.sources.end());
  const RuleConfig& rule = *table.rule;
  bool take_others = false;
  for (const Table& other : catalog.tables) {
    const TableId& id = other.id;
    if (ours.contains(&other) || !rule.database.Matches(id.database) ||
        !rule.schema.Matches(id.schema) || !rule.table.Matches(id.name)) {
      continue;
    }
    take_others = true;
    if (!names.Hold(id)) continue;
    notes.Add(fmt::format("Flink reads into {}.{} also", QuoteName(table.database),
                          QuoteName(table.name)),
              id.ToString());
  }
  return take_others;
}

}  // namespace

void NameFlinkSources(const Catalog& catalog, const Dialect& dialect, PlannedTable& table,
                      Notes& notes) {
  table.flink_sources.clear();
  if (dialect.flink_reads_one_table) {
    for (const Table* const source : table.sources) {
      table.flink_sources.push_back({.database = source->id.database, .table = source->id.name});
    }
    return;
  }
  const Names names = NamesOf(table);
  // By the patterns shards that come later are read, too. Where these take other tables, or Flink
  // might read them otherwise, the names are listed.
  const bool listed = PatternsTakeOthers(catalog, table, names, notes);
  const auto read = [&](const Pattern& pattern, const std::set<std::string>& all) {
    const std::optional<std::string> whole = listed ? std::nullopt : pattern.AsWhole();
    return whole.value_or(Alternatives(all));
  };
  const RuleConfig& rule = *table.rule;
  const std::string schema = read(rule.schema, names.schemas);
  const std::string name = read(rule.table, names.tables);
  if (!dialect.has_schema) {
    table.flink_sources = {{read(rule.database, names.databases), schema, name}};
    return;
  }
  // Such a connector connects to one database, by its name.
  for (const std::string& database : names.databases) {
    table.flink_sources.push_back({database, schema, name});
  }
}

}  // namespace starlift::smt
