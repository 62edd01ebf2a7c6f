#include "state/sqlite_store_state.h"

namespace starlift::state {

Status SqliteStore::AddDoubtfulRows(int64_t task, const std::vector<DoubtfulRow>& rows) {
  return Write([&](SqliteConnection& connection) -> Status {
    for (const DoubtfulRow& row : rows) {
      SL_ASSIGN(
          auto insert,
          connection.Prepare("INSERT OR IGNORE INTO doubtful_rows VALUES (?1, ?2, ?3, ?4, ?5)"));
      insert.Bind(1, task);
      SL_TRY(BindId(insert, 2, row.table).BindBlob(5, row.key).Run());
    }
    return {};
  });
}

Result<std::vector<DoubtfulRow>> SqliteStore::ListDoubtfulRows(int64_t task) {
  return Read([&](SqliteConnection& connection) -> Result<std::vector<DoubtfulRow>> {
    SL_ASSIGN(auto list,
              connection.Prepare("SELECT source_database, source_schema, source_name, key FROM "
                                 "doubtful_rows WHERE task = ?1 ORDER BY 1, 2, 3, 4"));
    list.Bind(1, task);
    return list.Collect<DoubtfulRow>([&]() -> Result<DoubtfulRow> {
      return DoubtfulRow{ReadId(list, 0), std::string(list.Text(3))};
    });
  });
}

Status SqliteStore::ForgetDoubtfulRows(int64_t task) {
  return Write([&](SqliteConnection& connection) -> Status {
    SL_ASSIGN(auto forget, connection.Prepare("DELETE FROM doubtful_rows WHERE task = ?1"));
    return forget.Bind(1, task).Run();
  });
}

}  // namespace starlift::state
