#include "sources/clickhouse/catalog.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <set>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/nearest.h"
#include "sources/clickhouse/type_name.h"
#include "sources/clickhouse/types.h"
#include "sources/constraint_key.h"

namespace starlift::clickhouse {
namespace {

constexpr std::array<std::string_view, 4> kSystemDatabases = {
    "system", "information_schema", "INFORMATION_SCHEMA", "_temporary_and_external_tables"};
constexpr std::string_view kInnerById = ".inner_id.";
constexpr std::string_view kInnerByName = ".inner.";
constexpr std::string_view kSortingKeyName = "sorting_key";

using TableName = std::pair<std::string, std::string>;

uint64_t Number(std::string_view text) {
  uint64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

std::string DatabaseCondition(const std::string& database) {
  if (!database.empty()) return fmt::format("database = {}", QuoteLiteral(database));
  std::string names;
  for (const std::string_view name : kSystemDatabases) {
    names += (names.empty() ? "" : ", ") + QuoteLiteral(name);
  }
  return fmt::format("database NOT IN ({})", names);
}

bool KeepsRows(std::string_view engine) {
  return engine.ends_with("MergeTree") || engine.ends_with("Log") || engine == "Memory" ||
         engine == "EmbeddedRocksDB";
}

// What the server's system tables have, which grew over the years.
class SystemColumns {
 public:
  static Result<SystemColumns> Read(Session& session) {
    SL_ASSIGN(const Rows rows,
              session.Query("SELECT table, name FROM system.columns WHERE database = 'system' AND "
                            "table IN ('tables', 'columns', 'parts')"));
    SystemColumns columns;
    for (const auto& row : rows) columns.known_.emplace(row[0], row[1]);
    return columns;
  }

  // The column, or an empty text in its place.
  std::string Or(std::string_view table, std::string_view column,
                 std::string_view otherwise = "''") const {
    return std::string(known_.contains({std::string(table), std::string(column)}) ? column
                                                                                  : otherwise);
  }

 private:
  std::set<TableName> known_;
};

// Plain columns of "k1, toDate(at), `odd name`"; empty if one of them is an expression.
std::vector<std::string> SortingColumns(std::string_view key, const Table& table) {
  if (key.starts_with('(') && key.ends_with(')')) key = key.substr(1, key.size() - 2);
  std::vector<std::string> columns;
  for (std::string_view part : SplitList(key)) {
    if (part.size() > 1 && part.starts_with('`') && part.ends_with('`')) {
      part = part.substr(1, part.size() - 2);
    }
    if (!table.FindColumn(part)) return {};
    columns.emplace_back(part);
  }
  return columns;
}

class CatalogReader {
 public:
  CatalogReader(Session& session, const std::string& database, const TableFilter& filter)
      : session_(session), database_(database), filter_(filter) {}

  Result<Catalog> Read() {
    SL_ASSIGN(known_, SystemColumns::Read(session_));
    SL_TRY(ReadTables());
    if (tables_.empty()) {
      SL_TRY(ExpectDatabase());
      return Catalog{};
    }
    SL_TRY(ReadColumns());
    SL_TRY(ReadParts());
    Catalog catalog;
    for (auto& [name, table] : tables_) {
      if (EngineFamily(table.engine) == "ReplacingMergeTree") ChooseSortingKey(name, table);
      catalog.tables.push_back(std::move(table));
    }
    return catalog;
  }

 private:
  Status ReadTables() {
    SL_ASSIGN(const Rows rows,
              session_.Query(fmt::format(
                  "SELECT database, name, engine, {}, {}, {} FROM system.tables WHERE {}",
                  known_.Or("tables", "sorting_key"), known_.Or("tables", "comment"),
                  known_.Or("tables", "uuid"), DatabaseCondition(database_))));
    std::map<std::string, std::string> view_names;  // by UUID
    for (const auto& row : rows) {
      if (row[2] == "MaterializedView") view_names.emplace(row[5], row[1]);
    }
    for (const auto& row : rows) {
      if (!KeepsRows(row[2])) continue;
      std::string name = row[1];
      if (name.starts_with(kInnerById)) {
        const auto view = view_names.find(name.substr(kInnerById.size()));
        if (view == view_names.end()) continue;
        name = view->second;
      } else if (name.starts_with(kInnerByName)) {
        name = name.substr(kInnerByName.size());
      }
      Table table;
      table.id = {.database = row[0], .schema = "", .name = name};
      if (!filter_(table.id)) continue;
      table.engine = row[2];
      table.comment = row[4];
      sorting_keys_[{row[0], name}] = row[3];
      inner_names_[{row[0], row[1]}] = name;
      tables_.emplace(TableName{row[0], name}, std::move(table));
    }
    return {};
  }

  Status ReadColumns() {
    SL_ASSIGN(const Rows rows,
              session_.Query(fmt::format(
                  "SELECT database, table, name, type, default_kind, default_expression, {} FROM "
                  "system.columns WHERE {}{}",
                  known_.Or("columns", "comment"), DatabaseCondition(database_),
                  known_.Or("columns", "position", "").empty() ? ""
                                                               : " ORDER BY database, table, "
                                                                 "position")));
    for (const auto& row : rows) {
      const auto found = tables_.find({row[0], row[1]});
      if (found == tables_.end()) continue;
      found->second.columns.push_back(ColumnOf({.name = row[2],
                                                .type = row[3],
                                                .default_kind = row[4],
                                                .default_expression = row[5],
                                                .comment = row[6]}));
    }
    return {};
  }

  Status ReadParts() {
    SL_ASSIGN(const Rows rows,
              session_.Query(fmt::format(
                  "SELECT database, table, partition, sum(rows), sum(bytes_on_disk) FROM "
                  "system.parts WHERE active AND {} GROUP BY database, table, partition ORDER BY "
                  "database, table, partition",
                  DatabaseCondition(database_))));
    for (const auto& row : rows) {
      const auto name = inner_names_.find({row[0], row[1]});
      if (name == inner_names_.end()) continue;
      Table& table = tables_.at({row[0], name->second});
      // "tuple()": not partitioned.
      if (row[2] != "tuple()") table.partitions.push_back(row[2]);
      table.row_estimate += Number(row[3]);
      table.byte_estimate += Number(row[4]);
    }
    for (auto& [name, table] : tables_) {
      if (table.row_estimate == 0) continue;
      table.average_row_bytes = static_cast<uint32_t>(
          std::min<uint64_t>(table.byte_estimate / table.row_estimate, UINT32_MAX));
    }
    return {};
  }

  void ChooseSortingKey(const TableName& name, Table& table) const {
    std::vector<std::string> columns = SortingColumns(sorting_keys_.at(name), table);
    ChooseKey({{.name = std::string(kSortingKeyName),
                .kind = ConstraintKind::kPrimary,
                .columns = std::move(columns)}},
              table);
  }

  Status ExpectDatabase() {
    if (database_.empty()) return {};
    SL_ASSIGN(const Rows rows, session_.Query("SELECT name FROM system.databases"));
    std::vector<std::string_view> names;
    for (const auto& row : rows) {
      if (row[0] == database_) return {};
      names.push_back(row[0]);
    }
    Error error{.kind = ErrorKind::kNotFound,
                .message = fmt::format("the source has no database {}, or this user may not see it",
                                       QuoteIdentifier(database_))};
    if (const auto nearest = NearestName(database_, names)) {
      error.mend = fmt::format("did you mean {}?", QuoteIdentifier(*nearest));
    }
    return error;
  }

  Session& session_;
  const std::string& database_;
  const TableFilter& filter_;
  SystemColumns known_;
  std::map<TableName, Table> tables_;
  std::map<TableName, std::string> sorting_keys_;
  std::map<TableName, std::string> inner_names_;  // the name in system.parts → ours
};

}  // namespace

std::string_view EngineFamily(std::string_view engine) {
  for (const std::string_view prefix : {"Replicated", "Shared"}) {
    if (engine.starts_with(prefix)) engine.remove_prefix(prefix.size());
  }
  return engine;
}

Result<Catalog> ReadClickhouseCatalog(Session& session, const std::string& database,
                                      const TableFilter& filter) {
  return CatalogReader(session, database, filter).Read();
}

Status ReadClickhouseFacts(Session& session, DdlFacts& facts) {
  facts.server.emplace_back("version", session.version());
  SL_ASSIGN(const SystemColumns known, SystemColumns::Read(session));
  SL_ASSIGN(const Rows tables,
            session.Query(fmt::format("SELECT database, name, {}, toUInt64({}) FROM system.tables "
                                      "WHERE {}",
                                      known.Or("tables", "sorting_key"),
                                      known.Or("tables", "metadata_modification_time", "0"),
                                      DatabaseCondition(""))));
  SL_ASSIGN(const Rows sizes, session.Query(fmt::format(
                                  "SELECT database, table, sum(bytes_on_disk) FROM system.parts "
                                  "WHERE active AND {} GROUP BY database, table",
                                  DatabaseCondition(""))));
  const auto find = [&](const std::vector<std::string>& row) -> TableDdlFacts* {
    const auto found = facts.tables.find({.database = row[0], .schema = "", .name = row[1]});
    return found == facts.tables.end() ? nullptr : &found->second;
  };
  for (const auto& row : tables) {
    TableDdlFacts* const table = find(row);
    if (table == nullptr) continue;
    if (const uint64_t created = Number(row[3]); created != 0) {
      table->created = std::chrono::sys_seconds(std::chrono::seconds(created));
    }
    Constraint key{.name = std::string(kSortingKeyName), .kind = ConstraintKind::kPrimary};
    for (std::string_view part : SplitList(row[2])) key.columns.emplace_back(part);
    if (!key.columns.empty()) table->constraints.push_back(std::move(key));
  }
  for (const auto& row : sizes) {
    if (TableDdlFacts* const table = find(row)) table->total_bytes = Number(row[2]);
  }
  return {};
}

}  // namespace starlift::clickhouse
