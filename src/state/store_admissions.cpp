// Tables that come into a task, or leave it, after it has begun.
#include <algorithm>

#include <fmt/format.h>

#include "base/hash.h"
#include "state/label_keys.h"
#include "state/left_out.h"
#include "state/sqlite_store_state.h"

namespace starlift::state {
namespace {

constexpr int kLabelKeyDigits = 8;

Status PutChoice(SqliteConnection& connection, int64_t task, const TableId& table,
                 TableChoice choice) {
  SL_ASSIGN(auto put, connection.Prepare("INSERT INTO choices VALUES (?1, ?2, ?3, ?4, ?5) "
                                         "ON CONFLICT DO UPDATE SET choice = ?5"));
  put.Bind(1, task);
  return BindId(put, 2, table).Bind(5, static_cast<int64_t>(choice)).Run();
}

// Of the table itself, and of loads of all its rows that schema changes asked for ("t (rebuild)").
Result<std::vector<int64_t>> FindRecords(SqliteConnection& connection, int64_t task,
                                         const TableId& table) {
  SL_ASSIGN(auto find,
            connection.Prepare("SELECT id FROM tables WHERE task = ?1 AND source_database = ?2 AND "
                               "source_schema = ?3 AND (source_name = ?4 OR source_name IN "
                               "(?4 || ' (refill)', ?4 || ' (rebuild)', ?4 || ' (load)'))"));
  find.Bind(1, task);
  BindId(find, 2, table);
  return find.Collect<int64_t>([&]() -> Result<int64_t> { return find.Integer(0); });
}

Status RunWith(SqliteConnection& connection, const char* sql, int64_t id) {
  SL_ASSIGN(auto statement, connection.Prepare(sql));
  return statement.Bind(1, id).Run();
}

// What may still come from such a load belongs to other tables, too: somebody has to settle it.
Status RefuseSharedLoad(SqliteConnection& connection, int64_t record) {
  SL_ASSIGN(auto find,
            connection.Prepare("SELECT label FROM change_loads JOIN tables mine ON mine.id = "
                               "table_id WHERE mine.id = ?1 AND EXISTS (SELECT 1 FROM tables other "
                               "WHERE other.task = mine.task AND other.id <> mine.id AND "
                               "other.target_database = mine.target_database AND "
                               "other.target_table = mine.target_table)"));
  SL_ASSIGN(const bool found, find.Bind(1, record).Step());
  if (!found) return {};
  return Error{ErrorKind::kConflict,
               fmt::format("the load {} of a target table that other source tables share may still "
                           "be in flight",
                           find.Text(0))}
      .Mend("run the task, and take the table out while it follows changes");
}

Status ForgetRecords(SqliteConnection& connection, int64_t task, const TableId& table) {
  SL_ASSIGN(const std::vector<int64_t> records, FindRecords(connection, task, table));
  for (const int64_t record : records) {
    SL_TRY(RefuseSharedLoad(connection, record));
    SL_TRY(RunWith(connection,
                   "INSERT OR IGNORE INTO retired_label_keys SELECT task, label_key FROM tables "
                   "WHERE id = ?1",
                   record));
    SL_TRY(RunWith(connection, "DELETE FROM tables WHERE id = ?1", record));
  }
  SL_ASSIGN(auto definition,
            connection.Prepare("DELETE FROM definitions WHERE task = ?1 AND source_database = ?2 "
                               "AND source_schema = ?3 AND source_name = ?4"));
  definition.Bind(1, task);
  return BindId(definition, 2, table).Run();
}

Result<std::vector<AdmissionRecord>> ReadAdmissions(SqliteConnection& connection, int64_t task) {
  std::vector<AdmissionRecord> admissions;
  SL_ASSIGN(auto find,
            connection.Prepare(
                "SELECT id, identity, existing, source_database, source_schema, source_name FROM "
                "tasks JOIN admitted ON admission = id WHERE admitted_to = ?1 ORDER BY "
                "id, source_database, source_schema, source_name"));
  find.Bind(1, task);
  while (true) {
    SL_ASSIGN(const bool found, find.Step());
    if (!found) return admissions;
    const int64_t id = find.Integer(0);
    if (admissions.empty() || admissions.back().id != id) {
      admissions.push_back({id, std::string(find.Text(1)), std::string(find.Text(2)), {}});
    }
    admissions.back().tables.push_back(ReadId(find, 3));
  }
}

Status RefuseTwice(const std::vector<AdmissionRecord>& admissions,
                   const std::vector<TableId>& tables) {
  for (const AdmissionRecord& admission : admissions) {
    for (const TableId& table : tables) {
      if (std::find(admission.tables.begin(), admission.tables.end(), table) ==
          admission.tables.end()) {
        continue;
      }
      return Error{ErrorKind::kConflict,
                   fmt::format("{} is on its way into the task already", table.ToString())}
          .Mend("see `starlift status`");
    }
  }
  return {};
}

// Labels of the table under the task's key: a former table of that name may have used some.
Status MoveRecord(SqliteConnection& connection, int64_t task, int64_t record) {
  TableId source;
  {
    SL_ASSIGN(auto find,
              connection.Prepare("SELECT source_database, source_schema, source_name FROM tables "
                                 "WHERE id = ?1"));
    SL_ASSIGN(const bool found, find.Bind(1, record).Step());
    if (!found) return Error{ErrorKind::kNotFound, fmt::format("state: no table {}", record)};
    source = ReadId(find, 0);
  }
  SL_ASSIGN(const std::string label_key, ChooseLabelKey(connection, task, source));
  SL_ASSIGN(auto move,
            connection.Prepare("UPDATE tables SET task = ?2, label_key = ?3 WHERE id = ?1"));
  return move.Bind(1, record).Bind(2, task).Bind(3, label_key).Run();
}

Status RequireSamePosition(SqliteConnection& connection, int64_t task, int64_t admission) {
  SL_ASSIGN(auto find,
            connection.Prepare("SELECT 1 FROM checkpoints a JOIN checkpoints b ON a.position = "
                               "b.position WHERE a.task = ?1 AND b.task = ?2"));
  SL_ASSIGN(const bool same, find.Bind(1, task).Bind(2, admission).Step());
  if (same) return {};
  return Error{ErrorKind::kConflict, "the new tables are not as far as the task is"};
}

}  // namespace

Status StoreChoices(SqliteConnection& connection, int64_t task, const CheckpointUpdate& update) {
  for (const auto& [table, choice] : update.choices) {
    if (choice) {
      SL_TRY(PutChoice(connection, task, table, *choice));
      continue;
    }
    SL_ASSIGN(auto remove,
              connection.Prepare("DELETE FROM choices WHERE task = ?1 AND source_database = ?2 "
                                 "AND source_schema = ?3 AND source_name = ?4"));
    remove.Bind(1, task);
    SL_TRY(BindId(remove, 2, table).Run());
  }
  return {};
}

Result<AdmissionRecord> SqliteStore::AddAdmission(int64_t task, const std::vector<TableId>& tables,
                                                  std::string_view existing,
                                                  std::optional<TableChoice> choice) {
  return Write([&](SqliteConnection& connection) -> Result<AdmissionRecord> {
    SL_ASSIGN(const auto admissions, ReadAdmissions(connection, task));
    SL_TRY(RefuseTwice(admissions, tables));
    AdmissionRecord added{0, "", std::string(existing), tables};
    {
      // No identity of a task has a "+" in it.
      const std::string label_key =
          HexDigits(HashBytes(tables.front().ToString(), random_.Next()), kLabelKeyDigits);
      SL_ASSIGN(auto insert,
                connection.Prepare(
                    "INSERT INTO tasks (identity, label_key, config_digest, "
                    "created_ms, admitted_to, existing) SELECT identity || '+' || "
                    "?2, ?2, '', ?3, id, ?4 FROM tasks WHERE id = ?1 RETURNING id, identity"));
      insert.Bind(1, task).Bind(2, label_key).Bind(3, int64_t{clock_.WallTime().count()});
      SL_ASSIGN(const bool found, insert.Bind(4, existing).Step());
      if (!found) return Error{ErrorKind::kNotFound, fmt::format("state: no task {}", task)};
      added.id = insert.Integer(0);
      added.identity = insert.Text(1);
      SL_TRY(insert.Run());
    }
    for (const TableId& table : tables) {
      SL_ASSIGN(auto put, connection.Prepare("INSERT INTO admitted VALUES (?1, ?2, ?3, ?4)"));
      put.Bind(1, added.id);
      SL_TRY(BindId(put, 2, table).Run());
      if (choice) SL_TRY(PutChoice(connection, task, table, *choice));
    }
    return added;
  });
}

Result<std::vector<AdmissionRecord>> SqliteStore::ListAdmissions(int64_t task) {
  return Read([&](SqliteConnection& connection) { return ReadAdmissions(connection, task); });
}

Status SqliteStore::EndAdmission(int64_t task, int64_t admission) {
  return Write([&](SqliteConnection& connection) -> Status {
    SL_TRY(RequireSamePosition(connection, task, admission));
    SL_ASSIGN(const auto admissions, ReadAdmissions(connection, task));
    for (const AdmissionRecord& each : admissions) {
      if (each.id != admission) continue;
      for (const TableId& table : each.tables) {
        SL_TRY(ForgetRecords(connection, task, table));  // of a former table of that name
        SL_ASSIGN(const auto records, FindRecords(connection, admission, table));
        for (const int64_t record : records) SL_TRY(MoveRecord(connection, task, record));
      }
    }
    for (const char* sql : {"UPDATE definitions SET task = ?2 WHERE task = ?1",
                            "UPDATE OR REPLACE shadow_tables SET task = ?2 WHERE task = ?1",
                            "UPDATE OR REPLACE doubtful_rows SET task = ?2 WHERE task = ?1",
                            "UPDATE audit SET task = ?2 WHERE task = ?1"}) {
      SL_ASSIGN(auto move, connection.Prepare(sql));
      SL_TRY(move.Bind(1, admission).Bind(2, task).Run());
    }
    return RunWith(connection, "DELETE FROM tasks WHERE id = ?1", admission);
  });
}

Status SqliteStore::ForgetTable(int64_t task, const TableId& table,
                                std::optional<TableChoice> choice) {
  return Write([&](SqliteConnection& connection) -> Status {
    SL_TRY(ForgetRecords(connection, task, table));
    SL_ASSIGN(const auto admissions, ReadAdmissions(connection, task));
    for (const AdmissionRecord& admission : admissions) {
      SL_TRY(ForgetRecords(connection, admission.id, table));
      SL_ASSIGN(auto remove,
                connection.Prepare("DELETE FROM admitted WHERE admission = ?1 AND source_database "
                                   "= ?2 AND source_schema = ?3 AND source_name = ?4"));
      remove.Bind(1, admission.id);
      SL_TRY(BindId(remove, 2, table).Run());
    }
    SL_TRY(RunWith(connection,
                   "DELETE FROM tasks WHERE admitted_to = ?1 AND NOT EXISTS "
                   "(SELECT 1 FROM admitted WHERE admission = id)",
                   task));
    return choice ? PutChoice(connection, task, table, *choice) : Status();
  });
}

Result<std::vector<ChosenTable>> SqliteStore::ListChoices(int64_t task) {
  return Read([&](SqliteConnection& connection) -> Result<std::vector<ChosenTable>> {
    SL_ASSIGN(auto find,
              connection.Prepare("SELECT source_database, source_schema, source_name, choice FROM "
                                 "choices WHERE task = ?1 ORDER BY 1, 2, 3"));
    find.Bind(1, task);
    return find.Collect<ChosenTable>([&]() -> Result<ChosenTable> {
      return ChosenTable{ReadId(find, 0), static_cast<TableChoice>(find.Integer(3))};
    });
  });
}

}  // namespace starlift::state
