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

// ALTER TABLE … DEFAULT and … SET DATA TYPE would do in place what this does by a copy. But
// DuckDB 1.5 can't replay them from its log where the expression calls a function or the type is
// JSON (the file of a killed process could not be opened again), and refuses two of them in one
// transaction. A copy is logged as rows.
Status WriteTransaction::Rewrite(int64_t table_id, const std::string& select_list) {
  const std::string table = PhysicalTableName(table_id);
  const std::string copy = table + "_rewritten";
  SL_TRY(Run("CREATE TABLE " + copy + " AS SELECT " + select_list + " FROM " + table));
  SL_TRY(Run("DROP TABLE " + table));
  return Run("ALTER TABLE " + copy + " RENAME TO " + table);
}

Status WriteTransaction::AddColumn(int64_t table_id, const PhysicalColumn& column,
                                   const std::string& fill_sql) {
  const std::string name = PhysicalColumnName(column.id);
  if (fill_sql.empty()) {
    return Run("ALTER TABLE " + PhysicalTableName(table_id) + " ADD COLUMN " + name + " " +
               column.type);
  }
  return Rewrite(table_id, "*, CAST(" + fill_sql + " AS " + column.type + ") AS " + name);
}

Status WriteTransaction::DropColumn(int64_t table_id, int64_t column_id) {
  return Run("ALTER TABLE " + PhysicalTableName(table_id) + " DROP COLUMN " +
             PhysicalColumnName(column_id));
}

Status WriteTransaction::ChangeColumnType(int64_t table_id, const PhysicalColumn& column,
                                          const std::string& using_sql) {
  const std::string name = PhysicalColumnName(column.id);
  const std::string& value = using_sql.empty() ? name : using_sql;
  return Rewrite(table_id,
                 "* REPLACE (CAST(" + value + " AS " + column.type + ") AS " + name + ")");
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
