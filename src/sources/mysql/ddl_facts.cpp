#include "sources/mysql/ddl_facts.h"

#include <charconv>
#include <string>

#include <fmt/format.h>

#include "sources/mysql/catalog.h"

namespace starlift::mysql {
namespace {

using wire::mysql::QueryRows;

std::string Text(const std::optional<std::string>& cell) { return cell.value_or(std::string()); }

int64_t Number(const std::optional<std::string>& cell) {
  int64_t number = 0;
  if (cell) std::from_chars(cell->data(), cell->data() + cell->size(), number);
  return number;
}

TableDdlFacts* Find(DdlFacts& facts, const QueryRows::Row& row) {
  const auto found = facts.tables.find({.database = Text(row[0]), .name = Text(row[1])});
  return found == facts.tables.end() ? nullptr : &found->second;
}

// The one database that all tables are in, else empty: a query on one is much cheaper.
std::string OnlyDatabase(const Catalog& catalog) {
  const std::string& first = catalog.tables.front().id.database;
  for (const Table& table : catalog.tables) {
    if (table.id.database != first) return {};
  }
  return first;
}

Status ReadSizes(SourceSession& session, const std::string& database, DdlFacts& facts) {
  // The session's zone is UTC, so that UNIX_TIMESTAMP takes the time for what it is.
  SL_ASSIGN(const QueryRows result,
            session.client.Query(
                fmt::format("SELECT TABLE_SCHEMA, TABLE_NAME, UNIX_TIMESTAMP(CREATE_TIME), "
                            "COALESCE(DATA_LENGTH, 0) + COALESCE(INDEX_LENGTH, 0) "
                            "FROM information_schema.TABLES WHERE {}",
                            SchemaCondition(database, "TABLE_SCHEMA"))));
  for (const QueryRows::Row& row : result.rows) {
    TableDdlFacts* const table = Find(facts, row);
    if (table == nullptr) continue;
    if (row[2]) table->created = std::chrono::sys_seconds(std::chrono::seconds(Number(row[2])));
    table->total_bytes = static_cast<uint64_t>(Number(row[3]));
  }
  return {};
}

Status ReadConstraints(SourceSession& session, const std::string& database, DdlFacts& facts) {
  SL_ASSIGN(const QueryRows result,
            session.client.Query(fmt::format(
                "SELECT TABLE_SCHEMA, TABLE_NAME, CONSTRAINT_NAME, COLUMN_NAME, ORDINAL_POSITION, "
                "REFERENCED_TABLE_NAME FROM information_schema.KEY_COLUMN_USAGE WHERE {}",
                SchemaCondition(database, "TABLE_SCHEMA"))));
  for (const QueryRows::Row& row : result.rows) {
    TableDdlFacts* const table = Find(facts, row);
    if (table == nullptr) continue;
    const std::string name = Text(row[2]);
    std::vector<Constraint>& all = table->constraints;
    // The columns of one constraint stand together, in key order.
    if (all.empty() || all.back().name != name || Number(row[4]) == 1) {
      const ConstraintKind kind = name == "PRIMARY" ? ConstraintKind::kPrimary
                                  : row[5]          ? ConstraintKind::kForeign
                                                    : ConstraintKind::kUnique;
      all.push_back({.name = name, .kind = kind});
    }
    all.back().columns.push_back(Text(row[3]));
  }
  return {};
}

}  // namespace

Result<DdlFacts> ReadMysqlDdlFacts(SourceSession& session, const Catalog& catalog) {
  DdlFacts facts;
  facts.server.emplace_back("version", session.version.Describe());
  if (catalog.tables.empty()) return facts;
  for (const Table& table : catalog.tables) facts.tables.try_emplace(table.id);
  const std::string database = OnlyDatabase(catalog);
  SL_TRY(ReadSizes(session, database, facts));
  SL_TRY(ReadConstraints(session, database, facts));
  return facts;
}

}  // namespace starlift::mysql
