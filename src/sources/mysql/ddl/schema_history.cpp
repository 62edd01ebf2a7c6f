#include "sources/mysql/ddl/schema_history.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "sources/mysql/catalog.h"
#include "sources/mysql/ddl/history_step.h"
#include "sources/mysql/ddl/token_cursor.h"

namespace starlift::mysql {
namespace {

constexpr std::array<std::string_view, 5> kShadowSuffixes = {"_gho", "_ghc", "_del", "_new",
                                                             "_old"};

}  // namespace

SchemaHistory::SchemaHistory(ServerFacts facts, TableFilter wanted)
    : facts_(std::move(facts)), wanted_(std::move(wanted)) {}

void SchemaHistory::Put(TableVersion table) {
  TableId id = table->id;
  if (wanted_(id)) told_.insert(id);
  tables_[std::move(id)] = std::move(table);
}

void SchemaHistory::PutShadow(ShadowTable shadow) {
  const TableId& id = shadow.table->id;
  shadows_[id] = {std::move(shadow.renamed_columns), shadow.copied};
  tables_[id] = std::move(shadow.table);
}

TableVersion SchemaHistory::Find(const TableId& table) const {
  const auto found = tables_.find(table);
  return found == tables_.end() ? nullptr : found->second;
}

std::vector<TableVersion> SchemaHistory::Tables() const {
  std::vector<TableVersion> all;
  for (const auto& [id, table] : tables_) all.push_back(table);
  return all;
}

std::optional<TableId> SchemaHistory::ShadowedTable(const TableId& table) const {
  if (!table.name.starts_with('_')) return std::nullopt;
  for (const std::string_view suffix : kShadowSuffixes) {
    if (!table.name.ends_with(suffix) || table.name.size() <= suffix.size() + 1) continue;
    TableId base = table;
    base.name = table.name.substr(1, table.name.size() - 1 - suffix.size());
    // pt-online-schema-change puts more underscores before a name that is taken.
    while (!tables_.contains(base) && base.name.starts_with('_')) base.name.erase(0, 1);
    // gh-ost may put the time into the name of what it leaves: _x_20240131235959_del.
    constexpr size_t kTimeDigits = 14;
    if (!tables_.contains(base) && base.name.size() > kTimeDigits + 1 &&
        base.name[base.name.size() - kTimeDigits - 1] == '_' &&
        base.name.find_first_not_of("0123456789", base.name.size() - kTimeDigits) ==
            std::string::npos) {
      base.name.resize(base.name.size() - kTimeDigits - 1);
    }
    if (tables_.contains(base)) return base;
  }
  return std::nullopt;
}

bool SchemaHistory::IsShadowTable(const TableId& table) const {
  return !told_.contains(table) && ShadowedTable(table).has_value();
}

std::map<TableId, ShadowTable> SchemaHistory::ShadowTables() const {
  std::map<TableId, ShadowTable> shadows;
  for (const auto& [id, notes] : shadows_) {
    const TableVersion table = Find(id);
    if (table == nullptr || !IsShadowTable(id)) continue;
    shadows[id] = {table, notes.renamed_columns, notes.copied};
  }
  return shadows;
}

Result<std::vector<SchemaChange>> SchemaHistory::Apply(std::string_view statement,
                                                       std::string_view default_database,
                                                       const StatementMode& mode) {
  const ParserMode parser_mode{.lexer = {.ansi_quotes = mode.ansi_quotes,
                                         .no_backslash_escapes = mode.no_backslash_escapes,
                                         .version = facts_.version},
                               .real_as_float = mode.real_as_float};
  const ParsedStatement parsed = ParseStatement(statement, parser_mode);
  HistoryStep step(*this, statement, default_database, mode);
  return step.Run(parsed);
}

}  // namespace starlift::mysql
