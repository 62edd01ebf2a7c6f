#include <array>

#include "sandbox/storage/storage.h"

namespace starlift::sandbox {

WriteTransaction::WriteTransaction(Connection connection) : connection_(std::move(connection)) {}
WriteTransaction::~WriteTransaction() { Rollback(); }

Status WriteTransaction::Run(const std::string& sql) {
  SL_TRY(connection_.Execute(sql));
  return {};
}

Status WriteTransaction::PutDocument(std::string_view kind, std::string_view key,
                                     std::string_view json) {
  SL_TRY(DeleteDocument(kind, key));
  const std::array<std::optional<std::string>, 3> values = {std::string(kind), std::string(key),
                                                            std::string(json)};
  SL_TRY(connection_.Execute("INSERT INTO starlift_documents VALUES (?, ?, ?)", values));
  return {};
}

Status WriteTransaction::DeleteDocument(std::string_view kind, std::string_view key) {
  const std::array<std::optional<std::string>, 2> values = {std::string(kind), std::string(key)};
  SL_TRY(connection_.Execute("DELETE FROM starlift_documents WHERE kind = ? AND key = ?", values));
  return {};
}

Status WriteTransaction::CreateTable(int64_t table_id, const std::vector<PhysicalColumn>& columns) {
  std::string sql = "CREATE TABLE " + PhysicalTableName(table_id) + " (";
  for (size_t i = 0; i < columns.size(); ++i) {
    if (i > 0) sql += ", ";
    sql += PhysicalColumnName(columns[i].id) + " " + columns[i].type;
  }
  return Run(sql + ")");
}

Status WriteTransaction::DropTable(int64_t table_id) {
  return Run("DROP TABLE IF EXISTS " + PhysicalTableName(table_id));
}

Status WriteTransaction::TruncateTable(int64_t table_id) {
  return Run("DELETE FROM " + PhysicalTableName(table_id));
}

Status WriteTransaction::AddColumn(int64_t table_id, const PhysicalColumn& column,
                                   const std::string& fill_sql) {
  std::string sql = "ALTER TABLE " + PhysicalTableName(table_id) + " ADD COLUMN " +
                    PhysicalColumnName(column.id) + " " + column.type;
  if (!fill_sql.empty()) sql += " DEFAULT " + fill_sql;
  return Run(sql);
}

Status WriteTransaction::DropColumn(int64_t table_id, int64_t column_id) {
  return Run("ALTER TABLE " + PhysicalTableName(table_id) + " DROP COLUMN " +
             PhysicalColumnName(column_id));
}

Status WriteTransaction::ChangeColumnType(int64_t table_id, const PhysicalColumn& column,
                                          const std::string& using_sql) {
  std::string sql = "ALTER TABLE " + PhysicalTableName(table_id) + " ALTER COLUMN " +
                    PhysicalColumnName(column.id) + " SET DATA TYPE " + column.type;
  if (!using_sql.empty()) sql += " USING " + using_sql;
  return Run(sql);
}

Result<int64_t> WriteTransaction::DeleteRows(int64_t table_id, const std::string& predicate_sql) {
  return connection_.Execute("DELETE FROM " + PhysicalTableName(table_id) + " WHERE " +
                             predicate_sql);
}

Status WriteTransaction::Commit() {
  open_ = false;
  return Run("COMMIT");
}

void WriteTransaction::Rollback() {
  if (!open_) return;
  open_ = false;
  // Fails where DuckDB has ended the transaction itself after an error: the same outcome.
  (void)connection_.Execute("ROLLBACK");
}

}  // namespace starlift::sandbox
