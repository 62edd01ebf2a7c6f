#include "state/schema.h"

#include <array>
#include <cstdint>
#include <string>

#include <fmt/format.h>

namespace starlift::state {
namespace {

constexpr int64_t kApplicationId = 0x53544c46;  // "STLF": what `file` and backups recognise us by

// Step i brings a file from version i to i + 1. A released step is never changed.
constexpr std::array kSteps = {
    R"sql(
      CREATE TABLE tasks (
        id INTEGER PRIMARY KEY,
        identity TEXT NOT NULL UNIQUE,
        label_key TEXT NOT NULL UNIQUE,
        config_digest TEXT NOT NULL,
        created_ms INTEGER NOT NULL
      ) STRICT;

      CREATE TABLE phases (
        task INTEGER NOT NULL REFERENCES tasks(id) ON DELETE CASCADE,
        phase INTEGER NOT NULL,
        status INTEGER NOT NULL,
        PRIMARY KEY (task, phase)
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE tables (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        task INTEGER NOT NULL REFERENCES tasks(id) ON DELETE CASCADE,
        source_database TEXT NOT NULL,
        source_schema TEXT NOT NULL,
        source_name TEXT NOT NULL,
        target_database TEXT NOT NULL,
        target_table TEXT NOT NULL,
        label_key TEXT NOT NULL,
        next_sequence INTEGER NOT NULL DEFAULT 1,
        status INTEGER NOT NULL DEFAULT 0,
        schema_digest TEXT NOT NULL DEFAULT '',
        created_by_us INTEGER NOT NULL DEFAULT 0,
        prepared INTEGER NOT NULL DEFAULT 0,
        chunks_complete INTEGER NOT NULL DEFAULT 0,
        load_as_json INTEGER NOT NULL DEFAULT 0,
        dead_letter_bytes INTEGER NOT NULL DEFAULT 0,
        rows_read INTEGER NOT NULL DEFAULT 0,
        rows_loaded INTEGER NOT NULL DEFAULT 0,
        rows_rejected INTEGER NOT NULL DEFAULT 0,
        bytes_read INTEGER NOT NULL DEFAULT 0,
        UNIQUE (task, source_database, source_schema, source_name),
        UNIQUE (task, label_key)
      ) STRICT;

      CREATE TABLE chunks (
        table_id INTEGER NOT NULL REFERENCES tables(id) ON DELETE CASCADE,
        number INTEGER NOT NULL,
        lower BLOB,
        upper BLOB,
        status INTEGER NOT NULL DEFAULT 0,
        rows_read INTEGER NOT NULL DEFAULT 0,
        rows_loaded INTEGER NOT NULL DEFAULT 0,
        rows_rejected INTEGER NOT NULL DEFAULT 0,
        bytes_read INTEGER NOT NULL DEFAULT 0,
        PRIMARY KEY (table_id, number)
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE loads (
        table_id INTEGER NOT NULL REFERENCES tables(id) ON DELETE CASCADE,
        sequence INTEGER NOT NULL,
        chunk INTEGER NOT NULL,
        label TEXT NOT NULL UNIQUE,
        kind INTEGER NOT NULL,
        status INTEGER NOT NULL,
        rows INTEGER NOT NULL,
        bytes INTEGER NOT NULL,
        digest INTEGER NOT NULL,
        whole_chunk INTEGER NOT NULL,
        chunk_rows_read INTEGER NOT NULL,
        chunk_rows_loaded INTEGER NOT NULL,
        chunk_rows_rejected INTEGER NOT NULL,
        chunk_bytes_read INTEGER NOT NULL,
        dead_letter_bytes INTEGER,
        PRIMARY KEY (table_id, sequence)
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE audit (
        id INTEGER PRIMARY KEY,
        task INTEGER NOT NULL REFERENCES tasks(id) ON DELETE CASCADE,
        unix_ms INTEGER NOT NULL,
        action TEXT NOT NULL,
        subject TEXT NOT NULL,
        detail TEXT NOT NULL
      ) STRICT;
      CREATE INDEX audit_of_task ON audit (task);
    )sql",
    // Following the source's log.
    R"sql(
      CREATE TABLE checkpoints (
        task INTEGER PRIMARY KEY REFERENCES tasks(id) ON DELETE CASCADE,
        position TEXT NOT NULL,
        commit_us INTEGER NOT NULL,
        stored_ms INTEGER NOT NULL
      ) STRICT;

      CREATE TABLE definitions (
        task INTEGER NOT NULL REFERENCES tasks(id) ON DELETE CASCADE,
        source_database TEXT NOT NULL,
        source_schema TEXT NOT NULL,
        source_name TEXT NOT NULL,
        definition TEXT NOT NULL,
        PRIMARY KEY (task, source_database, source_schema, source_name)
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE change_loads (
        table_id INTEGER PRIMARY KEY REFERENCES tables(id) ON DELETE CASCADE,
        sequence INTEGER NOT NULL,
        label TEXT NOT NULL UNIQUE,
        status INTEGER NOT NULL DEFAULT 0,
        mark TEXT NOT NULL,
        prepared_ms INTEGER NOT NULL DEFAULT 0
      ) STRICT;

      ALTER TABLE tables ADD COLUMN applied TEXT NOT NULL DEFAULT '';
    )sql",
    // Rows that a load takes away from a table without a key.
    R"sql(
      ALTER TABLE change_loads ADD COLUMN removal TEXT NOT NULL DEFAULT '';
    )sql",
    // Tables that come into a task after it has begun, and leave it.
    R"sql(
      ALTER TABLE tasks ADD COLUMN admitted_to INTEGER REFERENCES tasks(id) ON DELETE CASCADE;
      ALTER TABLE tasks ADD COLUMN existing TEXT NOT NULL DEFAULT '';

      CREATE TABLE admitted (
        admission INTEGER NOT NULL REFERENCES tasks(id) ON DELETE CASCADE,
        source_database TEXT NOT NULL,
        source_schema TEXT NOT NULL,
        source_name TEXT NOT NULL,
        PRIMARY KEY (admission, source_database, source_schema, source_name)
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE choices (
        task INTEGER NOT NULL REFERENCES tasks(id) ON DELETE CASCADE,
        source_database TEXT NOT NULL,
        source_schema TEXT NOT NULL,
        source_name TEXT NOT NULL,
        choice INTEGER NOT NULL,
        PRIMARY KEY (task, source_database, source_schema, source_name)
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE retired_label_keys (
        task INTEGER NOT NULL REFERENCES tasks(id) ON DELETE CASCADE,
        label_key TEXT NOT NULL,
        PRIMARY KEY (task, label_key)
      ) STRICT, WITHOUT ROWID;
    )sql",
    // Changes that are left out.
    R"sql(
      CREATE TABLE missing_rows (
        table_id INTEGER NOT NULL REFERENCES tables(id) ON DELETE CASCADE,
        key BLOB NOT NULL,
        PRIMARY KEY (table_id, key)
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE kept_columns (
        table_id INTEGER NOT NULL REFERENCES tables(id) ON DELETE CASCADE,
        name TEXT NOT NULL,
        PRIMARY KEY (table_id, name)
      ) STRICT, WITHOUT ROWID;

      ALTER TABLE tasks ADD COLUMN skips INTEGER NOT NULL DEFAULT 0;
    )sql",
    // What verifications said.
    R"sql(
      CREATE TABLE verifications (
        task INTEGER NOT NULL REFERENCES tasks(id) ON DELETE CASCADE,
        target TEXT NOT NULL,
        unix_ms INTEGER NOT NULL,
        method TEXT NOT NULL,
        source_rows INTEGER NOT NULL,
        target_rows INTEGER NOT NULL,
        differing INTEGER NOT NULL,
        unsettled INTEGER NOT NULL,
        equal INTEGER NOT NULL,
        PRIMARY KEY (task, target)
      ) STRICT, WITHOUT ROWID;
    )sql",
    // Changes that were left out and that no checkpoint has passed.
    R"sql(
      ALTER TABLE tasks ADD COLUMN skips_used INTEGER NOT NULL DEFAULT 0;
    )sql",
    // Copies that online schema changes are making.
    R"sql(
      CREATE TABLE shadow_tables (
        task INTEGER NOT NULL REFERENCES tasks(id) ON DELETE CASCADE,
        source_database TEXT NOT NULL,
        source_schema TEXT NOT NULL,
        source_name TEXT NOT NULL,
        definition TEXT NOT NULL,
        PRIMARY KEY (task, source_database, source_schema, source_name)
      ) STRICT, WITHOUT ROWID;
    )sql",
    // Rows that foreign keys' effects concerned while the target may have been newer than the log.
    R"sql(
      CREATE TABLE doubtful_rows (
        task INTEGER NOT NULL REFERENCES tasks(id) ON DELETE CASCADE,
        source_database TEXT NOT NULL,
        source_schema TEXT NOT NULL,
        source_name TEXT NOT NULL,
        key BLOB NOT NULL,
        PRIMARY KEY (task, source_database, source_schema, source_name, key)
      ) STRICT, WITHOUT ROWID;
    )sql",
};

Result<int64_t> ReadPragma(SqliteConnection& connection, const char* pragma) {
  SL_ASSIGN(auto statement, connection.Prepare(pragma));
  SL_ASSIGN(const bool row, statement.Step());
  return row ? statement.Integer(0) : 0;
}

Status RunSteps(SqliteConnection& connection) {
  SL_ASSIGN(const int64_t version, ReadPragma(connection, "PRAGMA user_version"));
  SL_ASSIGN(const int64_t application, ReadPragma(connection, "PRAGMA application_id"));
  if (version > CurrentSchemaVersion()) {
    return Error{ErrorKind::kConflict,
                 fmt::format("the state file has schema version {}, this Starlift knows {}",
                             version, CurrentSchemaVersion())}
        .Mend("use the Starlift that wrote it, or a newer one; or give another --home");
  }
  if (version > 0 && application != kApplicationId) {
    return Error{ErrorKind::kConflict, "the state file belongs to another program"}.Mend(
        "give another --home");
  }
  for (int64_t step = version; step < CurrentSchemaVersion(); ++step) {
    SL_TRY(connection.Execute(kSteps[static_cast<size_t>(step)]));
  }
  if (version == CurrentSchemaVersion()) return {};
  const std::string marks = fmt::format("PRAGMA application_id = {}; PRAGMA user_version = {}",
                                        kApplicationId, CurrentSchemaVersion());
  return connection.Execute(marks.c_str());
}

}  // namespace

int CurrentSchemaVersion() { return static_cast<int>(kSteps.size()); }

Status MigrateSchema(SqliteConnection& connection) {
  SL_TRY(connection.Execute("BEGIN IMMEDIATE"));
  Status migrated = RunSteps(connection);
  if (!migrated.ok()) {
    (void)connection.Execute("ROLLBACK");
    return migrated;
  }
  return connection.Execute("COMMIT");
}

}  // namespace starlift::state
