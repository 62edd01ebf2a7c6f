// What the stream has left out: dead letters, missing rows, skips, columns that are kept.
#include <fmt/format.h>

#include "state/left_out.h"
#include "state/sqlite_store_state.h"

namespace starlift::state {
namespace {

Status CountLetters(SqliteConnection& connection, const DeadLetterUpdate& letters) {
  SL_ASSIGN(auto update, connection.Prepare("UPDATE tables SET rows_rejected = rows_rejected + ?2, "
                                            "dead_letter_bytes = ?3 WHERE id = ?1"));
  return update.Bind(1, letters.table).Bind(2, letters.rows).Bind(3, letters.file_bytes).Run();
}

Status SetMissing(SqliteConnection& connection, const MissingRowUpdate& row) {
  SL_ASSIGN(auto change,
            connection.Prepare(row.missing
                                   ? "INSERT OR IGNORE INTO missing_rows VALUES (?1, ?2)"
                                   : "DELETE FROM missing_rows WHERE table_id = ?1 AND key = ?2"));
  return change.Bind(1, row.table).BindBlob(2, row.key).Run();
}

Result<std::vector<std::string>> ReadStrings(SqliteStatement& statement) {
  return statement.Collect<std::string>(
      [&]() -> Result<std::string> { return std::string(statement.Text(0)); });
}

}  // namespace

Status StoreLeftOut(SqliteConnection& connection, int64_t task, const CheckpointUpdate& update) {
  for (const DeadLetterUpdate& letters : update.dead_letters) {
    SL_TRY(CountLetters(connection, letters));
  }
  for (const MissingRowUpdate& row : update.missing_rows) SL_TRY(SetMissing(connection, row));
  if (update.skips_used == 0) return {};
  SL_ASSIGN(auto use, connection.Prepare("UPDATE tasks SET skips = max(0, skips - ?2), "
                                         "skips_used = max(0, skips_used - ?2) WHERE id = ?1"));
  return use.Bind(1, task).Bind(2, update.skips_used).Run();
}

Result<std::vector<std::string>> SqliteStore::ListMissingRows(int64_t table) {
  return Read([&](SqliteConnection& connection) -> Result<std::vector<std::string>> {
    SL_ASSIGN(auto list, connection.Prepare("SELECT key FROM missing_rows WHERE table_id = ?1"));
    list.Bind(1, table);
    return ReadStrings(list);
  });
}

Status SqliteStore::SetSkips(int64_t task, uint64_t allowed) {
  return Write([&](SqliteConnection& connection) -> Status {
    SL_ASSIGN(auto update, connection.Prepare("UPDATE tasks SET skips = ?2 WHERE id = ?1"));
    return update.Bind(1, task).Bind(2, allowed).Run();
  });
}

Status SqliteStore::CountSkip(int64_t task, bool used) {
  return Write([&](SqliteConnection& connection) -> Status {
    SL_ASSIGN(
        auto update,
        connection.Prepare("UPDATE tasks SET skips_used = max(0, skips_used + ?2) WHERE id = ?1"));
    return update.Bind(1, task).Bind(2, used ? int64_t{1} : int64_t{-1}).Run();
  });
}

Result<SkipRecord> SqliteStore::GetSkips(int64_t task) {
  return Read([&](SqliteConnection& connection) -> Result<SkipRecord> {
    SL_ASSIGN(auto statement,
              connection.Prepare("SELECT skips, skips_used FROM tasks WHERE id = ?1"));
    SL_ASSIGN(const bool found, statement.Bind(1, task).Step());
    if (!found) return Error{ErrorKind::kNotFound, fmt::format("state: no task {}", task)};
    return SkipRecord{statement.Unsigned(0), statement.Unsigned(1)};
  });
}

Status SqliteStore::SetKeptColumns(int64_t table, const std::vector<std::string>& columns) {
  return Write([&](SqliteConnection& connection) -> Status {
    {
      SL_ASSIGN(auto forget, connection.Prepare("DELETE FROM kept_columns WHERE table_id = ?1"));
      SL_TRY(forget.Bind(1, table).Run());
    }
    for (const std::string& column : columns) {
      SL_ASSIGN(auto put, connection.Prepare("INSERT OR IGNORE INTO kept_columns VALUES (?1, ?2)"));
      SL_TRY(put.Bind(1, table).Bind(2, column).Run());
    }
    return {};
  });
}

Result<std::vector<std::string>> SqliteStore::ListKeptColumns(int64_t table) {
  return Read([&](SqliteConnection& connection) -> Result<std::vector<std::string>> {
    SL_ASSIGN(auto list, connection.Prepare(
                             "SELECT name FROM kept_columns WHERE table_id = ?1 ORDER BY name"));
    list.Bind(1, table);
    return ReadStrings(list);
  });
}

}  // namespace starlift::state
