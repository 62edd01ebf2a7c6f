// The tables of a task.
#include <fmt/format.h>

#include "base/hash.h"
#include "state/label_keys.h"
#include "state/sqlite_store_state.h"

namespace starlift::state {
namespace {

constexpr int kLabelKeyDigits = 8;

#define STARLIFT_TABLE_COLUMNS                                                                  \
  "id, source_database, source_schema, source_name, target_database, target_table, label_key, " \
  "status, schema_digest, created_by_us, prepared, chunks_complete, load_as_json, "             \
  "dead_letter_bytes, rows_read, rows_loaded, rows_rejected, bytes_read"

TableRecord ReadTableRecord(const SqliteStatement& row) {
  TableRecord table;
  table.id = row.Integer(0);
  table.source = {std::string(row.Text(1)), std::string(row.Text(2)), std::string(row.Text(3))};
  table.target_database = row.Text(4);
  table.target_table = row.Text(5);
  table.label_key = row.Text(6);
  table.status = static_cast<TableStatus>(row.Integer(7));
  table.schema_digest = row.Text(8);
  table.created_by_us = row.Integer(9) != 0;
  table.prepared = row.Integer(10) != 0;
  table.chunks_complete = row.Integer(11) != 0;
  table.load_as_json = row.Integer(12) != 0;
  table.dead_letter_bytes = row.Unsigned(13);
  table.done = {row.Unsigned(14), row.Unsigned(15), row.Unsigned(16), row.Unsigned(17)};
  return table;
}

Result<std::optional<TableRecord>> SelectTable(SqliteConnection& connection, int64_t task,
                                               const TableId& source) {
  SL_ASSIGN(auto statement,
            connection.Prepare("SELECT " STARLIFT_TABLE_COLUMNS
                               " FROM tables WHERE task = ?1 AND source_database = ?2 AND "
                               "source_schema = ?3 AND source_name = ?4"));
  statement.Bind(1, task).Bind(2, source.database).Bind(3, source.schema).Bind(4, source.name);
  SL_ASSIGN(const bool found, statement.Step());
  if (!found) return std::optional<TableRecord>();
  return std::optional<TableRecord>(ReadTableRecord(statement));
}

Result<bool> LabelKeyTaken(SqliteConnection& connection, int64_t task, std::string_view key) {
  SL_ASSIGN(auto statement,
            connection.Prepare("SELECT 1 FROM tables WHERE task = ?1 AND label_key = ?2 UNION ALL "
                               "SELECT 1 FROM retired_label_keys WHERE task = ?1 AND label_key = "
                               "?2"));
  statement.Bind(1, task).Bind(2, key);
  return statement.Step();
}

}  // namespace

// Eight digits collide among thousands of tables sooner than one thinks: then the next are taken.
Result<std::string> ChooseLabelKey(SqliteConnection& connection, int64_t task,
                                   const TableId& source) {
  uint64_t hash = HashBytes(source.name, HashBytes(source.schema, HashBytes(source.database)));
  while (true) {
    std::string key = HexDigits(hash, kLabelKeyDigits);
    SL_ASSIGN(const bool taken, LabelKeyTaken(connection, task, key));
    if (!taken) return key;
    hash = HashBytes(key, hash);
  }
}

Result<TableRecord> SqliteStore::OpenTable(int64_t task, const TableId& source,
                                           std::string_view target_database,
                                           std::string_view target_table) {
  auto opened = Write([&](SqliteConnection& connection) -> Result<TableRecord> {
    SL_ASSIGN(auto known, SelectTable(connection, task, source));
    if (!known) {
      SL_ASSIGN(const std::string label_key, ChooseLabelKey(connection, task, source));
      SL_ASSIGN(auto insert,
                connection.Prepare("INSERT INTO tables (task, source_database, source_schema, "
                                   "source_name, target_database, target_table, label_key) "
                                   "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"));
      insert.Bind(1, task).Bind(2, source.database).Bind(3, source.schema).Bind(4, source.name);
      SL_TRY(insert.Bind(5, target_database).Bind(6, target_table).Bind(7, label_key).Run());
      SL_ASSIGN(known, SelectTable(connection, task, source));
    }
    return std::move(*known);
  });
  SL_ASSIGN(TableRecord table, std::move(opened));
  if (table.target_database != target_database || table.target_table != target_table) {
    return Error{
        ErrorKind::kConflict,
        fmt::format("{} was loaded into `{}`.`{}` by an earlier run of this task, now it is "
                    "to go into `{}`.`{}`",
                    source.ToString(), table.target_database, table.target_table, target_database,
                    target_table)}
        .Mend("give the task with the new target another name, or go on with the old one");
  }
  return table;
}

Result<std::vector<TableRecord>> SqliteStore::ListTables(int64_t task) {
  return Read([&](SqliteConnection& connection) -> Result<std::vector<TableRecord>> {
    SL_ASSIGN(auto statement,
              connection.Prepare("SELECT " STARLIFT_TABLE_COLUMNS " FROM tables WHERE task = ?1 "
                                 "ORDER BY source_database, source_schema, source_name"));
    statement.Bind(1, task);
    return statement.Collect<TableRecord>(
        [&]() -> Result<TableRecord> { return ReadTableRecord(statement); });
  });
}

Result<TableRecord> SqliteStore::GetTable(int64_t table) {
  return Read([&](SqliteConnection& connection) -> Result<TableRecord> {
    SL_ASSIGN(auto statement,
              connection.Prepare("SELECT " STARLIFT_TABLE_COLUMNS " FROM tables WHERE id = ?1"));
    statement.Bind(1, table);
    SL_ASSIGN(const bool found, statement.Step());
    if (!found) return Error{ErrorKind::kNotFound, fmt::format("state: no table {}", table)};
    return ReadTableRecord(statement);
  });
}

Status SqliteStore::UpdateTable(const char* sql, int64_t table) {
  return Write([&](SqliteConnection& connection) -> Status {
    SL_ASSIGN(auto statement, connection.Prepare(sql));
    return statement.Bind(1, table).Run();
  });
}

Status SqliteStore::SetTableStatus(int64_t table, TableStatus status) {
  return Write([&](SqliteConnection& connection) -> Status {
    SL_ASSIGN(auto statement, connection.Prepare("UPDATE tables SET status = ?2 WHERE id = ?1"));
    return statement.Bind(1, table).Bind(2, static_cast<int64_t>(status)).Run();
  });
}

Status SqliteStore::SetSchemaDigest(int64_t table, std::string_view digest) {
  return Write([&](SqliteConnection& connection) -> Status {
    SL_ASSIGN(auto statement,
              connection.Prepare("UPDATE tables SET schema_digest = ?2 WHERE id = ?1"));
    return statement.Bind(1, table).Bind(2, digest).Run();
  });
}

Status SqliteStore::MarkCreated(int64_t table) {
  return UpdateTable("UPDATE tables SET created_by_us = 1 WHERE id = ?1", table);
}

Status SqliteStore::MarkPrepared(int64_t table) {
  return UpdateTable("UPDATE tables SET prepared = 1 WHERE id = ?1", table);
}

Status SqliteStore::SetLoadAsJson(int64_t table) {
  return UpdateTable("UPDATE tables SET load_as_json = 1 WHERE id = ?1", table);
}

Status SqliteStore::RestartTable(int64_t table) {
  return Write([&](SqliteConnection& connection) -> Status {
    for (const char* sql :
         {"DELETE FROM loads WHERE table_id = ?1", "DELETE FROM chunks WHERE table_id = ?1",
          "UPDATE tables SET status = 0, chunks_complete = 0, dead_letter_bytes = 0, rows_read = "
          "0, "
          "rows_loaded = 0, rows_rejected = 0, bytes_read = 0 WHERE id = ?1"}) {
      SL_ASSIGN(auto statement, connection.Prepare(sql));
      SL_TRY(statement.Bind(1, table).Run());
    }
    return {};
  });
}

}  // namespace starlift::state
