// The stream's checkpoint, the definitions that hold there, and the loads of changes.
#include <fmt/format.h>

#include "state/left_out.h"
#include "state/sqlite_store_state.h"
#include "state/table_text.h"

namespace starlift::state {
namespace {

Status PutDefinition(SqliteConnection& connection, int64_t task, const Table& table) {
  const std::string text = PrintTable(table);
  SL_ASSIGN(auto put, connection.Prepare("INSERT INTO definitions VALUES (?1, ?2, ?3, ?4, ?5) "
                                         "ON CONFLICT DO UPDATE SET definition = ?5"));
  put.Bind(1, task).Bind(2, table.id.database).Bind(3, table.id.schema).Bind(4, table.id.name);
  return put.Bind(5, text).Run();
}

Status RemoveDefinition(SqliteConnection& connection, int64_t task, const TableId& table) {
  SL_ASSIGN(auto remove,
            connection.Prepare("DELETE FROM definitions WHERE task = ?1 AND source_database = ?2 "
                               "AND source_schema = ?3 AND source_name = ?4"));
  remove.Bind(1, task).Bind(2, table.database).Bind(3, table.schema).Bind(4, table.name);
  return remove.Run();
}

Status SetShadow(SqliteConnection& connection, int64_t task, const TableId& table,
                 const std::optional<ShadowTable>& shadow) {
  const std::string text = shadow ? PrintShadowTable(*shadow) : "";
  SL_ASSIGN(auto change,
            connection.Prepare(shadow ? "INSERT OR REPLACE INTO shadow_tables VALUES (?1, ?2, ?3, "
                                        "?4, ?5)"
                                      : "DELETE FROM shadow_tables WHERE task = ?1 AND "
                                        "source_database = ?2 AND source_schema = ?3 AND "
                                        "source_name = ?4"));
  change.Bind(1, task).Bind(2, table.database).Bind(3, table.schema).Bind(4, table.name);
  if (shadow) change.Bind(5, text);
  return change.Run();
}

Status DeleteLoad(SqliteConnection& connection, int64_t table, uint64_t sequence) {
  SL_ASSIGN(auto remove,
            connection.Prepare("DELETE FROM change_loads WHERE table_id = ?1 AND sequence = ?2"));
  return remove.Bind(1, table).Bind(2, sequence).Run();
}

Status PutApplied(SqliteConnection& connection, int64_t table, std::string_view mark) {
  SL_ASSIGN(auto update, connection.Prepare("UPDATE tables SET applied = ?2 WHERE id = ?1"));
  return update.Bind(1, table).Bind(2, mark).Run();
}

}  // namespace

Result<std::optional<CheckpointRecord>> SqliteStore::GetCheckpoint(int64_t task) {
  return Read([&](SqliteConnection& connection) -> Result<std::optional<CheckpointRecord>> {
    SL_ASSIGN(auto statement,
              connection.Prepare(
                  "SELECT position, commit_us, stored_ms FROM checkpoints WHERE task = ?1"));
    SL_ASSIGN(const bool found, statement.Bind(1, task).Step());
    if (!found) return std::optional<CheckpointRecord>();
    return std::optional(
        CheckpointRecord{Position(statement.Text(0)), statement.Integer(1), statement.Integer(2)});
  });
}

Status SqliteStore::SaveCheckpoint(int64_t task, const CheckpointUpdate& update) {
  return Write([&](SqliteConnection& connection) -> Status {
    {
      SL_ASSIGN(auto put,
                connection.Prepare("INSERT INTO checkpoints VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO "
                                   "UPDATE SET position = ?2, commit_us = ?3, stored_ms = ?4"));
      put.Bind(1, task).Bind(2, update.position).Bind(3, update.commit_unix_us);
      SL_TRY(put.Bind(4, int64_t{clock_.WallTime().count()}).Run());
    }
    for (const TableVersion& table : update.definitions) {
      SL_TRY(PutDefinition(connection, task, *table));
    }
    for (const TableId& table : update.removed_definitions) {
      SL_TRY(RemoveDefinition(connection, task, table));
    }
    for (const auto& [table, shadow] : update.shadows) {
      SL_TRY(SetShadow(connection, task, table, shadow));
    }
    for (const auto& [table, sequence] : update.settled) {
      SL_TRY(DeleteLoad(connection, table, sequence));
    }
    SL_TRY(StoreLeftOut(connection, task, update));
    SL_TRY(StoreChoices(connection, task, update));
    for (const AppliedUpdate& applied : update.applied) {
      SL_ASSIGN(auto change, connection.Prepare(
                                 "UPDATE tables SET applied = ?3 WHERE id = ?1 AND applied = ?2"));
      SL_TRY(change.Bind(1, applied.table).Bind(2, applied.was).Bind(3, applied.now).Run());
    }
    return {};
  });
}

Result<std::vector<TableVersion>> SqliteStore::ListDefinitions(int64_t task) {
  return Read([&](SqliteConnection& connection) -> Result<std::vector<TableVersion>> {
    SL_ASSIGN(auto statement,
              connection.Prepare("SELECT definition FROM definitions WHERE task = ?1 ORDER BY "
                                 "source_database, source_schema, source_name"));
    statement.Bind(1, task);
    return statement.Collect<TableVersion>([&]() -> Result<TableVersion> {
      SL_ASSIGN(Table table, ParseTable(statement.Text(0)));
      return std::make_shared<const Table>(std::move(table));
    });
  });
}

Result<std::vector<ShadowTable>> SqliteStore::ListShadows(int64_t task) {
  return Read([&](SqliteConnection& connection) -> Result<std::vector<ShadowTable>> {
    SL_ASSIGN(auto statement,
              connection.Prepare("SELECT definition FROM shadow_tables WHERE task = ?1 ORDER BY "
                                 "source_database, source_schema, source_name"));
    statement.Bind(1, task);
    return statement.Collect<ShadowTable>([&]() -> Result<ShadowTable> {
      SL_ASSIGN(ShadowTable shadow, ParseShadowTable(statement.Text(0)));
      return shadow;
    });
  });
}

Result<ChangeLoadRecord> SqliteStore::AddChangeLoad(int64_t table, const ChangeLoadRecord& load) {
  return Write([&](SqliteConnection& connection) -> Result<ChangeLoadRecord> {
    ChangeLoadRecord added;
    added.table = table;
    added.mark = load.mark;
    added.removal = load.removal;
    {
      SL_ASSIGN(auto take, connection.Prepare(
                               "UPDATE tables SET next_sequence = next_sequence + 1 WHERE id = ?1 "
                               "RETURNING next_sequence - 1, label_key, "
                               "(SELECT label_key FROM tasks WHERE tasks.id = tables.task)"));
      SL_ASSIGN(const bool found, take.Bind(1, table).Step());
      if (!found) return Error{ErrorKind::kNotFound, fmt::format("state: no table {}", table)};
      added.sequence = take.Unsigned(0);
      added.label = MakeLabel(take.Text(2), take.Text(1), added.sequence);
      SL_TRY(take.Run());
    }
    SL_ASSIGN(auto put, connection.Prepare(
                            "INSERT INTO change_loads (table_id, sequence, label, mark, removal) "
                            "VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (table_id) DO UPDATE SET "
                            "sequence = ?2, label = ?3, mark = ?4, removal = ?5, status = 0, "
                            "prepared_ms = 0"));
    put.Bind(1, table).Bind(2, added.sequence).Bind(3, added.label).Bind(4, added.mark);
    SL_TRY(put.Bind(5, added.removal).Run());
    return added;
  });
}

Status SqliteStore::SetChangeLoadPrepared(const ChangeLoadRecord& load) {
  return Write([&](SqliteConnection& connection) -> Status {
    SL_ASSIGN(auto update,
              connection.Prepare("UPDATE change_loads SET status = ?3, prepared_ms = ?4, "
                                 "removal = ?5 WHERE table_id = ?1 AND sequence = ?2"));
    update.Bind(1, load.table).Bind(2, load.sequence).Bind(5, load.removal);
    update.Bind(3, static_cast<int64_t>(ChangeLoadStatus::kPrepared));
    SL_TRY(update.Bind(4, int64_t{clock_.WallTime().count()}).Run());
    if (connection.changes() == 1) return {};
    return Error{ErrorKind::kNotFound, fmt::format("state: no load {}", load.label)};
  });
}

Status SqliteStore::FinishChangeLoad(const ChangeLoadRecord& load) {
  return Write([&](SqliteConnection& connection) -> Status {
    SL_TRY(PutApplied(connection, load.table, load.mark));
    return DeleteLoad(connection, load.table, load.sequence);
  });
}

Status SqliteStore::RemoveChangeLoad(const ChangeLoadRecord& load) {
  return Write([&](SqliteConnection& connection) {
    return DeleteLoad(connection, load.table, load.sequence);
  });
}

Result<std::vector<ChangeLoadRecord>> SqliteStore::ListChangeLoads(int64_t task) {
  return Read([&](SqliteConnection& connection) -> Result<std::vector<ChangeLoadRecord>> {
    SL_ASSIGN(
        auto statement,
        connection.Prepare("SELECT table_id, sequence, label, change_loads.status, mark, "
                           "prepared_ms, removal FROM change_loads JOIN tables ON id = table_id "
                           "WHERE task = ?1 ORDER BY table_id"));
    statement.Bind(1, task);
    return statement.Collect<ChangeLoadRecord>([&]() -> Result<ChangeLoadRecord> {
      return ChangeLoadRecord{.table = statement.Integer(0),
                              .sequence = statement.Unsigned(1),
                              .label = std::string(statement.Text(2)),
                              .status = static_cast<ChangeLoadStatus>(statement.Integer(3)),
                              .mark = std::string(statement.Text(4)),
                              .removal = std::string(statement.Text(6)),
                              .prepared_unix_ms = statement.Integer(5)};
    });
  });
}

Status SqliteStore::SetApplied(int64_t table, std::string_view mark) {
  return Write([&](SqliteConnection& connection) { return PutApplied(connection, table, mark); });
}

Result<std::string> SqliteStore::GetApplied(int64_t table) {
  return Read([&](SqliteConnection& connection) -> Result<std::string> {
    SL_ASSIGN(auto statement, connection.Prepare("SELECT applied FROM tables WHERE id = ?1"));
    SL_ASSIGN(const bool found, statement.Bind(1, table).Step());
    if (!found) return Error{ErrorKind::kNotFound, fmt::format("state: no table {}", table)};
    return std::string(statement.Text(0));
  });
}

}  // namespace starlift::state
