#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "data/change.h"
#include "data/shadow_table.h"
#include "data/table.h"

namespace starlift::state {

// What the state store keeps. Plain data; ids are the store's own.

struct TaskRecord {
  int64_t id = 0;
  std::string identity;  // TaskIdentity of the run
  // 8 hex digits that the labels of this task begin with: random once per task and home, so that a
  // task that starts anew with an empty home never meets labels that it used before.
  std::string label_key;
  std::string config_digest;  // of the run that wrote last: what the engine wants to compare
};

enum class Phase { kStructure, kFull, kIncremental, kVerification, kCorrection };
enum class PhaseStatus { kPending, kRunning, kDone };

enum class TableStatus {
  kPending,  // nothing read yet
  kLoading,
  kDone,
};

struct TableCounters {
  uint64_t rows_read = 0;
  uint64_t rows_loaded = 0;
  uint64_t rows_rejected = 0;  // went to dead letters
  uint64_t bytes_read = 0;

  TableCounters& operator+=(const TableCounters& other) {
    rows_read += other.rows_read;
    rows_loaded += other.rows_loaded;
    rows_rejected += other.rows_rejected;
    bytes_read += other.bytes_read;
    return *this;
  }
  bool operator==(const TableCounters&) const = default;
};

// One source table of a task.
struct TableRecord {
  int64_t id = 0;
  TableId source;
  std::string target_database;
  std::string target_table;
  std::string label_key;  // 8 hex digits, unique within the task
  TableStatus status = TableStatus::kPending;
  std::string schema_digest;       // of the mapping that the rows are loaded with
  bool created_by_us = false;      // CREATE TABLE was run by this task
  bool prepared = false;           // truncated, or accepted as it was: not to be done again
  bool chunks_complete = false;    // the last chunk is known
  bool load_as_json = false;       // a value was met that CSV can't carry (keyless tables)
  uint64_t dead_letter_bytes = 0;  // length of the dead-letter file that counts
  TableCounters done;              // sums over chunks that are done
};

enum class ChunkStatus { kPlanned, kReading, kDone };

// A key range of one table, as the source cut it: never changed once stored.
struct ChunkRecord {
  uint64_t number = 0;  // dense from 0 within its table
  // The bytes of the key's cells; see Chunk in sources/source.h.
  std::optional<std::vector<std::string>> lower, upper;
  ChunkStatus status = ChunkStatus::kPlanned;
  TableCounters done;  // once kDone
};

enum class LoadKind {
  kPlain,        // one Stream Load
  kTransaction,  // begin, parts, prepare, commit
};

enum class LoadStatus {
  kIntent,  // stored before the first byte is sent
  kSealed,  // kTransaction: all rows are sent; prepare and commit may follow
  kDone,    // the target has it
};

// One load, by label. Rows of one chunk; forgotten when its chunk is done.
struct LoadRecord {
  int64_t table = 0;  // TableRecord::id
  uint64_t sequence = 0;
  std::string label;
  uint64_t chunk = 0;
  LoadKind kind = LoadKind::kPlain;
  LoadStatus status = LoadStatus::kIntent;
  uint64_t rows = 0;
  uint64_t bytes = 0;
  uint64_t digest = 0;  // HashBytes of the body; kTransaction: of its parts, chained
  // Holds all rows of the chunk but those in the dead letters: once the target has it, the chunk is
  // done, with these counters and this length of the dead-letter file.
  bool whole_chunk = false;
  TableCounters counters;
  std::optional<uint64_t> dead_letter_bytes;
};

// Up to where all changes of the source's log are durable at the target.
struct CheckpointRecord {
  Position position;
  int64_t commit_unix_us = 0;  // of the last transaction before it, by the source's clock; 0: none
  int64_t stored_unix_ms = 0;
};

// What a table without a key has applied, if it still is `was`.
struct AppliedUpdate {
  int64_t table = 0;
  std::string was;
  std::string now;
};

// Changes of a source table that were left out, now in its dead-letter file.
struct DeadLetterUpdate {
  int64_t table = 0;
  uint64_t rows = 0;        // more than before
  uint64_t file_bytes = 0;  // length of the file that counts now
};

// A key that has no row at the target although the source has one; or has one again.
struct MissingRowUpdate {
  int64_t table = 0;
  std::string key;  // bytes of load/changes
  bool missing = true;
};

// A row at the target that may have to be read at the source again, whatever ends the run before it
// was.
struct DoubtfulRow {
  TableId table;
  std::string key;  // bytes of sync/cascades

  bool operator==(const DoubtfulRow&) const = default;
};

// What a user, or the task's policy, said of one table by name; goes before the task's patterns.
enum class TableChoice { kExcluded, kIncluded };

// What a new checkpoint brings with it, in one transaction.
struct CheckpointUpdate {
  Position position;
  int64_t commit_unix_us = 0;
  // Definitions that hold at the position and differ from those stored: put, then removed.
  std::vector<TableVersion> definitions;
  std::vector<TableId> removed_definitions;
  // Of tables that aren't followed but may take the place of one that is, in order; nullopt: no
  // longer.
  std::vector<std::pair<TableId, std::optional<ShadowTable>>> shadows;
  // In order; nullopt: nothing is said of it any more.
  std::vector<std::pair<TableId, std::optional<TableChoice>>> choices;
  // Tables whose ChangeLoadRecord is settled, as (table, sequence).
  std::vector<std::pair<int64_t, uint64_t>> settled;
  std::vector<AppliedUpdate> applied;
  std::vector<DeadLetterUpdate> dead_letters;
  std::vector<MissingRowUpdate> missing_rows;  // in order
  uint64_t skips_used = 0;                     // that are passed now
};

// How many changes that can't be applied may be left out, from the checkpoint on.
struct SkipRecord {
  uint64_t allowed = 0;
  // Of these: changes that were left out, and that will be told again after a restart.
  uint64_t used = 0;

  uint64_t left() const { return allowed > used ? allowed - used : 0; }
};

enum class ChangeLoadStatus {
  kIntent,    // stored before the first byte is sent
  kPrepared,  // tables without a key: the target has prepared it, its commit may have been sent
};

// The load of changes that may be in flight for a target table: at most one at a time. Belongs to
// the table's record, or to the first of those that share the target table.
struct ChangeLoadRecord {
  int64_t table = 0;
  uint64_t sequence = 0;
  std::string label;
  ChangeLoadStatus status = ChangeLoadStatus::kIntent;
  // Tables without a key: what the table has applied once this load is in (load/changes).
  std::string mark;
  // Tables without a key: rows that are taken away from the target between prepare and commit, so
  // that they can be taken away, or put back, after a crash (load/changes). Empty: none.
  std::string removal;
  int64_t prepared_unix_ms = 0;
};

struct AuditRecord {
  int64_t unix_ms = 0;
  std::string action;  // "create-table", "truncate", "restart-table"
  std::string subject;
  std::string detail;
};

std::string_view PhaseName(Phase phase);

// "sl_<task>_<table>_<sequence>".
std::string MakeLabel(std::string_view task_key, std::string_view table_key, uint64_t sequence);

}  // namespace starlift::state
