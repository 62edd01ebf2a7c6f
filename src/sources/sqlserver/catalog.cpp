#include "sources/sqlserver/catalog.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "sources/constraint_key.h"
#include "sources/sqlserver/catalog_queries.h"
#include "sources/sqlserver/types.h"

namespace starlift::sqlserver {
namespace {

enum Answer { kTables, kColumns, kKeys, kAnswers };

class DatabaseReader {
 public:
  DatabaseReader(const std::string& database, const TableFilter& filter)
      : database_(database), filter_(filter) {}

  DatabaseCatalog Read(const std::vector<TextRows>& answers) {
    ReadTables(answers[kTables]);
    ReadColumns(answers[kColumns]);
    ReadKeys(answers[kKeys]);
    for (auto& [object, table] : tables_) catalog_.tables.push_back(std::move(table));
    std::sort(catalog_.tables.begin(), catalog_.tables.end(),
              [](const Table& a, const Table& b) { return a.id < b.id; });
    return std::move(catalog_);
  }

 private:
  Table* Find(const TextRows& rows, size_t row) {
    const auto found = tables_.find(rows.Number(row, 0));
    return found == tables_.end() ? nullptr : &found->second;
  }

  void ReadTables(const TextRows& rows) {
    for (size_t row = 0; row < rows.size(); ++row) {
      Table table;
      table.id = {.database = database_,
                  .schema = rows.Text(row, kTableSchema),
                  .name = rows.Text(row, kTableName)};
      if (!filter_(table.id)) continue;
      table.comment = rows.Text(row, kTableComment);
      table.row_estimate = static_cast<uint64_t>(rows.Number(row, kTableRows));
      table.byte_estimate = static_cast<uint64_t>(rows.Number(row, kTableBytes));
      if (table.row_estimate != 0) {
        table.average_row_bytes = static_cast<uint32_t>(
            std::min<uint64_t>(table.byte_estimate / table.row_estimate, UINT32_MAX));
      }
      TableDdlFacts& facts = catalog_.facts[table.id];
      facts.created =
          std::chrono::sys_seconds(std::chrono::seconds(rows.Number(row, kTableCreated)));
      facts.total_bytes = table.byte_estimate;
      catalog_.states[table.id] = {.tracked = rows.Flag(row, kTableTracked),
                                   .readable = rows.Flag(row, kTableReadable)};
      tables_.emplace(rows.Number(row, kTableObject), std::move(table));
    }
  }

  void ReadColumns(const TextRows& rows) {
    for (size_t row = 0; row < rows.size(); ++row) {
      Table* const table = Find(rows, row);
      if (table == nullptr) continue;
      ColumnRow column{.name = rows.Text(row, kColumnName),
                       .type = rows.Text(row, kColumnType),
                       .max_length = rows.Number(row, kColumnMaxLength),
                       .precision = rows.Number(row, kColumnPrecision),
                       .scale = rows.Number(row, kColumnScale),
                       .nullable = rows.Flag(row, kColumnNullable),
                       .identity = rows.Flag(row, kColumnIdentity),
                       .computed = rows.Flag(row, kColumnComputed),
                       .collation = rows.Text(row, kColumnCollation),
                       .comment = rows.Text(row, kColumnComment)};
      if (!rows.IsNull(row, kColumnDefault)) {
        column.default_definition = rows.Text(row, kColumnDefault);
      }
      table->columns.push_back(ColumnOf(column));
    }
  }

  void ReadKeys(const TextRows& rows) {
    struct Keys {
      std::vector<Constraint> all;       // may be the key
      std::vector<Constraint> declared;  // without indexes alone
    };
    std::map<Table*, Keys> keys;
    for (size_t row = 0; row < rows.size(); ++row) {
      Table* const table = Find(rows, row);
      if (table == nullptr) continue;
      const std::string kind = rows.Text(row, kKeyKind), name = rows.Text(row, kKeyName);
      Keys& of_table = keys[table];
      Append(of_table.all, name, kind, rows.Text(row, kKeyColumn));
      if (kind != "i") Append(of_table.declared, name, kind, rows.Text(row, kKeyColumn));
    }
    for (auto& [table, of_table] : keys) {
      ChooseKey(of_table.all, *table);
      catalog_.facts[table->id].constraints = std::move(of_table.declared);
    }
  }

  // The columns of one key stand together, in key order.
  static void Append(std::vector<Constraint>& constraints, const std::string& name,
                     std::string_view kind, std::string column) {
    if (constraints.empty() || constraints.back().name != name) {
      constraints.push_back({.name = name,
                             .kind = kind == "p"   ? ConstraintKind::kPrimary
                                     : kind == "f" ? ConstraintKind::kForeign
                                                   : ConstraintKind::kUnique});
    }
    constraints.back().columns.push_back(std::move(column));
  }

  const std::string& database_;
  const TableFilter& filter_;
  std::map<int64_t, Table> tables_;  // by object_id
  DatabaseCatalog catalog_;
};

}  // namespace

Result<DatabaseCatalog> ReadDatabase(const AskServer& ask, const std::string& database,
                                     const TableFilter& filter) {
  SL_ASSIGN(const std::vector<TextRows> answers,
            ask(fmt::format("{}{}{}", kTablesQuery, kColumnsQuery, kKeysQuery)));
  if (answers.size() != kAnswers) {
    return Error{ErrorKind::kInternal, "the catalog's queries didn't all answer", "SQL Server"};
  }
  return DatabaseReader(database, filter).Read(answers);
}

Result<std::vector<std::string>> ListDatabases(const AskServer& ask) {
  SL_ASSIGN(const std::vector<TextRows> answers,
            ask("SELECT name FROM sys.databases WHERE name NOT IN ('master', 'tempdb', 'model', "
                "'msdb', 'distribution') AND state = 0 AND HAS_DBACCESS(name) = 1 ORDER BY name"));
  std::vector<std::string> names;
  for (size_t row = 0; !answers.empty() && row < answers.front().size(); ++row) {
    names.push_back(answers.front().Text(row, 0));
  }
  return names;
}

}  // namespace starlift::sqlserver
