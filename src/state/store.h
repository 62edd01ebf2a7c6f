#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "state/admission_store.h"
#include "state/records.h"
#include "state/verification_record.h"

namespace starlift::state {

// Everything that is needed to go on after a crash. Each call is one transaction, durable when it
// returns: after kill -9 or a power cut it has happened as a whole or not at all. Thread-safe;
// calls of several threads share a write to disk. Errors: kIo (disk full, read-only, damaged file:
// the message says which and how to mend it), kNotFound, kConflict.
class StateStore {
 public:
  virtual ~StateStore() = default;

  // The task of this identity; made if it is new.
  virtual Result<TaskRecord> OpenTask(std::string_view identity,
                                      std::string_view config_digest) = 0;
  virtual Result<std::optional<TaskRecord>> FindTask(std::string_view identity) = 0;
  // Forgets a task with all that belongs to it.
  virtual Status RemoveTask(int64_t task) = 0;

  virtual Result<PhaseStatus> GetPhase(int64_t task, Phase phase) = 0;
  virtual Status SetPhase(int64_t task, Phase phase, PhaseStatus status) = 0;

  // The table's record, made if it is new. An existing one with another target is kConflict.
  virtual Result<TableRecord> OpenTable(int64_t task, const TableId& source,
                                        std::string_view target_database,
                                        std::string_view target_table) = 0;
  // Ordered by source.
  virtual Result<std::vector<TableRecord>> ListTables(int64_t task) = 0;
  virtual Result<TableRecord> GetTable(int64_t table) = 0;
  virtual Status SetTableStatus(int64_t table, TableStatus status) = 0;
  virtual Status SetSchemaDigest(int64_t table, std::string_view digest) = 0;
  virtual Status MarkCreated(int64_t table) = 0;
  virtual Status MarkPrepared(int64_t table) = 0;
  virtual Status SetLoadAsJson(int64_t table) = 0;
  // Back to kPending: chunks, loads, counters and dead-letter length are forgotten, marks and the
  // label sequence are kept.
  virtual Status RestartTable(int64_t table) = 0;

  // Appends chunks whose numbers follow those stored; `last`: there will be no more.
  virtual Status AddChunks(int64_t table, std::span<const ChunkRecord> chunks, bool last) = 0;
  virtual Result<std::vector<ChunkRecord>> ListChunks(int64_t table) = 0;

  // A fresh label, its intent stored: the record comes back with sequence and label set. Of `load`
  // all but table, sequence, label and status is taken. The chunk becomes kReading.
  virtual Result<LoadRecord> AddLoad(int64_t table, const LoadRecord& load) = 0;
  // Updates all but table, sequence, label, chunk and kind.
  virtual Status UpdateLoad(const LoadRecord& load) = 0;
  // The label was never used, or ended without effect.
  virtual Status RemoveLoad(int64_t table, uint64_t sequence) = 0;
  // Ordered by sequence.
  virtual Result<std::vector<LoadRecord>> ListLoads(int64_t table) = 0;

  // All rows of the chunk are in the target or in the dead-letter file up to `dead_letter_bytes`
  // (nullopt: the file is as it was). Its loads are forgotten, its counters added to the table's;
  // the table becomes kDone with its last chunk. Nothing happens if the chunk is done already.
  virtual Status FinishChunk(int64_t table, uint64_t chunk, const TableCounters& counters,
                             std::optional<uint64_t> dead_letter_bytes) = 0;

  // The stream's checkpoint; nullopt before the first.
  virtual Result<std::optional<CheckpointRecord>> GetCheckpoint(int64_t task) = 0;
  virtual Status SaveCheckpoint(int64_t task, const CheckpointUpdate& update) = 0;
  // The source tables' definitions at the checkpoint. Ordered by id.
  virtual Result<std::vector<TableVersion>> ListDefinitions(int64_t task) = 0;
  // CheckpointUpdate::shadows, as they are at the checkpoint. Ordered by id.
  virtual Result<std::vector<ShadowTable>> ListShadows(int64_t task) = 0;

  // A fresh label, its intent stored; takes the place of the table's earlier load, which must be
  // settled. Of `load` mark and removal are taken.
  virtual Result<ChangeLoadRecord> AddChangeLoad(int64_t table, const ChangeLoadRecord& load) = 0;
  // With the removal.
  virtual Status SetChangeLoadPrepared(const ChangeLoadRecord& load) = 0;
  // The load is in: it is forgotten, and its mark is what the table has applied.
  virtual Status FinishChangeLoad(const ChangeLoadRecord& load) = 0;
  // The label was never used, or ended without effect.
  virtual Status RemoveChangeLoad(const ChangeLoadRecord& load) = 0;
  // Of all tables of the task.
  virtual Result<std::vector<ChangeLoadRecord>> ListChangeLoads(int64_t task) = 0;
  // What a table without a key has applied; empty: all up to the checkpoint, nothing after it.
  virtual Status SetApplied(int64_t table, std::string_view mark) = 0;
  virtual Result<std::string> GetApplied(int64_t table) = 0;

  // Keys of a table whose rows the stream has left out (MissingRowUpdate).
  virtual Result<std::vector<std::string>> ListMissingRows(int64_t table) = 0;
  // SkipRecord::allowed, with what is used already. Checkpoints take off, from both, what they have
  // passed.
  virtual Status SetSkips(int64_t task, uint64_t allowed) = 0;
  // One more is used; or one is not, after all.
  virtual Status CountSkip(int64_t task, bool used) = 0;
  virtual Result<SkipRecord> GetSkips(int64_t task) = 0;
  // Columns of the target table that the source has dropped and that are kept: new rows have NULL
  // there, whatever the column's default.
  virtual Status SetKeptColumns(int64_t table, const std::vector<std::string>& columns) = 0;
  virtual Result<std::vector<std::string>> ListKeptColumns(int64_t table) = 0;

  // Those that are known already stay so.
  virtual Status AddDoubtfulRows(int64_t task, const std::vector<DoubtfulRow>& rows) = 0;
  // Ordered by table and key.
  virtual Result<std::vector<DoubtfulRow>> ListDoubtfulRows(int64_t task) = 0;
  virtual Status ForgetDoubtfulRows(int64_t task) = 0;

  // Takes the place of what was said of the same target table before.
  virtual Status SaveVerification(int64_t task, const VerificationRecord& record) = 0;
  // Ordered by target.
  virtual Result<std::vector<VerificationRecord>> ListVerifications(int64_t task) = 0;

  virtual Status AppendAudit(int64_t task, std::string_view action, std::string_view subject,
                             std::string_view detail) = 0;
  virtual Result<std::vector<AuditRecord>> ListAudit(int64_t task) = 0;

  // Which tables come into a task that has begun, and which leave it. Lives as long as the store.
  virtual AdmissionStore& admissions() = 0;
};

}  // namespace starlift::state
