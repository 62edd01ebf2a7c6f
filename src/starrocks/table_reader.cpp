#include "starrocks/table_reader.h"

#include <algorithm>

#include <fmt/format.h>

#include "starrocks/ddl_printer.h"

namespace starlift::starrocks {
namespace {

constexpr int kUnknownDatabase = 5501;  // StarRocks' own number
constexpr int kUnknownDatabaseMysql = 1049;
constexpr int kUnknownTable = 5502;
constexpr int kNoSuchTableMysql = 1146;

bool SaysNotFound(const Error& error) {
  switch (error.native_code) {
    case kUnknownDatabase:
    case kUnknownDatabaseMysql:
    case kUnknownTable:
    case kNoSuchTableMysql:
      return true;
    default:
      break;
  }
  // SHOW CREATE TABLE says 1064 "Table x is not found" (seen on 3.5.0).
  return error.kind == ErrorKind::kNotFound ||
         error.message.find("is not found") != std::string::npos ||
         error.message.find("Unknown table") != std::string::npos;
}

}  // namespace

Result<bool> DatabaseExists(Session& session, std::string_view database) {
  SL_ASSIGN(const QueryRows databases, session.Query("SHOW DATABASES"));
  return std::any_of(databases.rows.begin(), databases.rows.end(),
                     [&](const auto& row) { return !row.empty() && row[0] == database; });
}

Result<std::vector<std::string>> ListTables(Session& session, std::string_view database) {
  std::vector<std::string> names;
  Result<QueryRows> tables = session.Query(fmt::format("SHOW TABLES FROM {}", QuoteName(database)));
  if (!tables.ok()) {
    if (SaysNotFound(tables.error())) return names;
    return std::move(tables).error();
  }
  for (const auto& row : tables->rows) {
    if (!row.empty() && row[0]) names.push_back(*row[0]);
  }
  return names;
}

Result<TargetTable> ReadTable(Session& session, std::string_view database, std::string_view table) {
  const std::string name = QuoteName(database) + "." + QuoteName(table);
  Result<QueryRows> created = session.Query("SHOW CREATE TABLE " + name);
  if (!created.ok()) {
    if (SaysNotFound(created.error())) created.error().kind = ErrorKind::kNotFound;
    return std::move(created).error();
  }
  const auto sql = CellAt(*created, 0, "Create Table");
  if (!sql) {
    return Error{.kind = ErrorKind::kData,
                 .message = fmt::format("the target's {} is not a table", name),
                 .mend = "map to another name (rules: target-table), or drop the view"};
  }
  Result<TargetTable> parsed = ParseCreateTable(*sql, database);
  if (!parsed.ok()) return std::move(parsed.error()).At(fmt::format("target table {}", name));
  parsed->name = table;
  return parsed;
}

Result<bool> HoldsRows(Session& session, const TargetTable& table) {
  SL_ASSIGN(const QueryRows rows,
            session.Query(fmt::format("SELECT 1 FROM {} LIMIT 1", table.QuotedName())));
  return !rows.rows.empty();
}

}  // namespace starlift::starrocks
