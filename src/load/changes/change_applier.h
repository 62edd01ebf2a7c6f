#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "data/change.h"
#include "load/changes/applied_mark.h"
#include "load/changes/applier_options.h"
#include "load/environment.h"
#include "mapping/table_mapping.h"
#include "sources/change_stream.h"
#include "state/records.h"

namespace starlift::load {

// A source table whose changes are applied from now on, and how.
struct AppliedTable {
  std::shared_ptr<const mapping::TableMapping> mapping;
  state::TableRecord record;
};

// What a schema change means for the tables that are applied.
struct AppliedSchemaChange {
  std::vector<TableId> removed;
  std::vector<AppliedTable> added;  // in place of a removed one of the same id, too
  // Not applied any more, although the log may go on to tell of it.
  std::optional<TableId> away;
  // Tables whose changes are passed by from here on, also by later runs; and no longer.
  std::vector<TableId> ignored, no_longer_ignored;
};

// Carries a schema change over to the target. Called from the stream's thread, while everything
// before the change is durable and stored so, and nothing is in flight.
class SchemaChangeHandler {
 public:
  virtual ~SchemaChangeHandler() = default;
  virtual Result<AppliedSchemaChange> Apply(const SchemaChange& change) = 0;
  // Apply ended with kPolicy, and the user wants the change left out: the target stays as it is,
  // and what comes after goes into it as far as that can be. An error where it can't.
  virtual Result<AppliedSchemaChange> LeaveOut(const SchemaChange& change) {
    return Error{ErrorKind::kPolicy,
                 "this schema change can't be left out: " + change.statement.substr(0, 300)};
  }
};

// One target table at one moment.
struct AppliedTableStatus {
  std::vector<TableId> sources;
  std::vector<uint64_t> dead_letters;  // of each source, in all runs
  std::string target;
  uint64_t changes_applied = 0;
  uint64_t pending_changes = 0;
  int64_t last_load_unix_ms = 0;
  std::chrono::milliseconds interval{0};
  std::chrono::milliseconds waiting{0};  // since the oldest change that isn't durable came; 0: none
};

struct ApplierStatus {
  Position checkpoint;
  int64_t checkpoint_commit_unix_us = 0;
  // Commit time of the oldest transaction that isn't durable as a whole; 0: all are.
  int64_t oldest_pending_unix_us = 0;
  uint64_t changes_applied = 0;
  uint64_t loads_done = 0;
  uint64_t memory_bytes = 0;
  uint64_t skips_left = 0;
  std::vector<AppliedTableStatus> tables;
};

// Applies a change stream to the target: keeps the last state of every changed key per target
// table, flushes by time, bytes and rows, one load at a time per table and many tables at a time,
// and moves the checkpoint behind what is durable. The stream's thread makes all calls but
// status(); it is held back in Consume while the memory budget is used up.
//
// Exactly once: a load's label is stored before it is sent, what a crash left in doubt is settled
// before anything newer of that table is sent, and the checkpoint is stored after the loads below
// it are durable. With a key the changes between checkpoint and crash are applied again, which ends
// in the same rows; without one what is in already is left out (keyless_rows.h).
class ChangeApplier : public ChangeSink {
 public:
  ChangeApplier(ApplierOptions options, LoadEnvironment environment, int64_t task,
                SchemaChangeHandler& schema_changes, ChangeLog& log);
  // Lets loads that are being sent end, drops what is pending: the next run applies it.
  ~ChangeApplier() override;

  // Settles what a crash left in doubt. Before the first table; `checkpoint` is where the stream
  // starts. kUnreachable after options.retry_for.
  Status Recover(const Position& checkpoint);
  // kPolicy for shards of one target table that don't fit together.
  Status AddTable(const AppliedTable& table);

  Status Consume(const ChangeBatch& batch) override;
  Status Consume(const SchemaChange& change) override;
  Status KeepShadow(const TableId& table, const std::optional<ShadowTable>& shadow) override;
  Status Commit(const CommitPoint& point) override;

  // Changes that the log doesn't tell but that follow from what it tells: as Consume, at any time.
  Status ConsumeDerived(const ChangeBatch& batch);
  // The checkpoint stays before the transaction that is being told, until the number that this
  // gives is released.
  uint64_t HoldCheckpoint();
  void ReleaseCheckpoint(uint64_t held);

  // After each Read: gives the first error of any load, stores the checkpoint if it is time.
  // `position` is the stream's own; nullopt after a Read that failed: the checkpoint may be what
  // an unfinished schema change is known by, and mustn't be told by another name.
  Status Pump(const std::optional<Position>& position);
  // Flushes all, waits until it is durable, stores the checkpoint.
  Status Drain(const std::optional<Position>& position);
  // What is durable now, after Stop too.
  Status SaveCheckpoint();
  // So many of the changes to come that can't be applied are left out; the state knows it, too.
  Status SetSkips(uint64_t skips);
  // No more steps are begun; those in flight end. For a stop: what is in doubt is settled by the
  // next run.
  void Stop();

  const Position& checkpoint() const;
  ApplierStatus status() const;

 private:
  struct State;
  Status ForgetPassedCommit(AppliedMark& mark) const;

  std::unique_ptr<State> state_;
};

}  // namespace starlift::load
