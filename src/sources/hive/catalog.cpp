#include "sources/hive/catalog.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "sources/hive/types.h"

namespace starlift::hive {
namespace {

enum TableField { kTableCatalog, kTableDatabase, kTableName, kTableType, kTableRemarks };

constexpr std::array<std::string_view, 2> kSystemDatabases = {"sys", "information_schema"};

Column ColumnOf(const TableDescription::ColumnLine& line, const TableDescription& description) {
  Column column;
  column.name = line.name;
  column.type = TypeOf(line.type);
  column.native_type = line.type;
  column.comment = line.comment == "null" ? std::string() : line.comment;
  const auto& not_null = description.not_null;
  column.nullable = std::find(not_null.begin(), not_null.end(), line.name) == not_null.end();
  if (column.nullable) column.default_kind = DefaultKind::kNull;
  if (IsText(column.type.kind)) column.charset = "utf8";
  return column;
}

}  // namespace

std::string QuoteIdentifier(std::string_view name) {
  std::string quoted = "`";
  for (const char c : name) quoted.append(c == '`' ? 2 : 1, c);
  return quoted + "`";
}

Table TableOf(TableId id, const TableDescription& description) {
  Table table;
  table.id = std::move(id);
  for (const auto& line : description.columns) {
    table.columns.push_back(ColumnOf(line, description));
  }
  for (const auto& line : description.partition_columns) {
    table.columns.push_back(ColumnOf(line, description));
  }
  if (const auto comment = description.parameters.find("comment");
      comment != description.parameters.end()) {
    table.comment = comment->second;
  }
  if (const auto type = description.details.find("Table Type"); type != description.details.end()) {
    table.engine = type->second;
  }
  table.row_estimate = description.Number("numRows");
  table.byte_estimate = description.Number("totalSize");
  if (table.row_estimate != 0) {
    table.average_row_bytes = static_cast<uint32_t>(
        std::min<uint64_t>(table.byte_estimate / table.row_estimate, UINT32_MAX));
  }
  // A declared primary key is enforced by nobody (DISABLE NOVALIDATE): rows may share it.
  return table;
}

Result<HiveCatalog> ReadHiveCatalog(Session& session, const std::string& database,
                                    const TableFilter& filter) {
  SL_ASSIGN(const TextRows names, session.ListTables(database));
  HiveCatalog result;
  for (size_t row = 0; row < names.size(); ++row) {
    if (names.Text(row, kTableType).find("VIEW") != std::string::npos) continue;
    TableId id{.database = names.Text(row, kTableDatabase),
               .schema = "",
               .name = names.Text(row, kTableName)};
    const bool of_system = std::find(kSystemDatabases.begin(), kSystemDatabases.end(),
                                     id.database) != kSystemDatabases.end();
    if (of_system || (!database.empty() && id.database != database) || !filter(id)) continue;
    const std::string place = QuoteIdentifier(id.database) + "." + QuoteIdentifier(id.name);
    SL_ASSIGN(const TextRows described, session.Query("DESCRIBE FORMATTED " + place));
    TableDescription description = ReadDescription(described);
    Table table = TableOf(id, description);
    if (!description.partition_columns.empty()) {
      SL_ASSIGN(const TextRows partitions, session.Query("SHOW PARTITIONS " + place));
      for (size_t i = 0; i < partitions.size(); ++i) {
        table.partitions.push_back(partitions.Text(i, 0));
      }
    }
    result.catalog.tables.push_back(std::move(table));
    result.descriptions.emplace(std::move(id), std::move(description));
  }
  std::sort(result.catalog.tables.begin(), result.catalog.tables.end(),
            [](const Table& a, const Table& b) { return a.id < b.id; });
  return result;
}

}  // namespace starlift::hive
