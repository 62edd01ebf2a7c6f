#pragma once

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <thread>
#include <unordered_map>
#include <vector>

#include "load/changes/change_applier.h"
#include "load/changes/change_letters.h"
#include "load/changes/change_load.h"
#include "load/changes/change_plan.h"
#include "load/changes/commit_ledger.h"
#include "load/changes/keyless_rows.h"
#include "load/changes/pending_rows.h"
#include "load/progress.h"

namespace starlift::load {

using std::chrono::milliseconds;

// A target table that changes are applied to. Members below a mutex's comment are under it; where
// both are held, the table's is taken first.
struct ChangeTable {
  ChangeTable(size_t with_number, const ChangeTarget& of, const mapping::TableMapping& mapping,
              milliseconds flush_interval)
      : number(with_number), target(of), plan(mapping), pending(plan), interval(flush_interval) {}

  // Of the pending rows, with a key or without. Under `mutex`.
  uint64_t CountPendingBytes() const { return keyless ? keyless->bytes() : pending.bytes(); }
  uint64_t CountPendingRows() const { return keyless ? keyless->rows() : pending.rows(); }
  uint64_t CountPendingChanges() const { return keyless ? keyless->rows() : pending.changes(); }

  const size_t number;  // in order of arrival
  const ChangeTarget target;
  const ChangePlan plan;

  std::mutex mutex;
  PendingRows pending;
  std::unique_ptr<KeylessRows> keyless;  // in its place, for tables without a key

  // Of its load in flight.
  MissingRows missing_rows;

  // Under the scheduler's mutex.
  std::vector<TableId> sources;
  // All that ever had rows here, in the order of ChangeOrigin::source.
  std::vector<ChangeSource> origins;
  std::optional<uint64_t> pending_pin, flight_pin;
  uint64_t pending_bytes = 0, pending_rows = 0, pending_changes = 0;
  milliseconds pending_since{0};
  std::unique_ptr<ChangeLoad> flight;
  uint64_t flight_bytes = 0, flight_changes = 0;
  NumberedMark flight_mark;  // tables without a key
  milliseconds flight_since{0}, last_begun{INT64_MIN / 2};
  bool stepping = false;            // a thread is at it
  std::optional<milliseconds> due;  // its place in the queue
  milliseconds interval;
  uint64_t changes_applied = 0;
  int64_t last_load_unix_ms = 0;

  bool idle() const { return flight == nullptr && !pending_pin; }
};

// Who sends when: tables by the time at which their next step is due, the oldest first, so that
// none starves; one load at a time per table.
class ChangeScheduler {
 public:
  ChangeScheduler(const ApplierOptions& options, const LoadEnvironment& environment,
                  ChangeLetters& letters);
  ~ChangeScheduler();

  // ---- for the stream's thread ----

  ChangeTable& AddTable(const ChangeTarget& target, const mapping::TableMapping& mapping);
  // The table is idle, as after a drain. True: no other source lands in it, and it is gone.
  bool RemoveSource(ChangeTable& table, const TableId& source);
  // The table's pending rows belong to the transaction being told, or earlier ones. Before they are
  // added, under the table's mutex.
  void Pin(ChangeTable& table);
  // The table's pending rows are as many as it says now. Under the table's mutex.
  void PendingChanged(ChangeTable& table);
  // Waits while the memory budget is used up. Gives the first error of any load.
  Status AwaitMemory();
  // All is flushed and durable when it returns.
  Status AwaitIdle();
  Status error() const;
  // Without threads: takes the steps that are due.
  void RunDueSteps();
  void Stop();

  uint64_t current_transaction() const {
    std::lock_guard lock(mutex_);
    return ledger_.current();
  }

  // Under mutex().
  std::mutex& mutex() const { return mutex_; }
  CommitLedger& ledger() { return ledger_; }
  std::vector<std::pair<int64_t, uint64_t>>& settled() { return settled_; }
  const std::map<size_t, std::unique_ptr<ChangeTable>>& tables() const { return tables_; }
  uint64_t memory_bytes() const { return memory_bytes_; }

  const LoaderProgress& progress() const { return progress_; }

 private:
  bool threaded() const { return options_.loads > 0; }
  void Work();
  // Under the mutex, which is let go during the step.
  void Step(ChangeTable& table, std::unique_lock<std::mutex>& lock);
  Result<std::unique_ptr<ChangeLoad>> Cut(ChangeTable& table);
  void EndFlight(ChangeTable& table);
  void AdaptInterval(ChangeTable& table) const;
  void Schedule(ChangeTable& table);
  bool IsFull(const ChangeTable& table) const;
  bool IsLarge(const ChangeTable& table) const;
  ChangeTable* FindRunnable(milliseconds now);
  // One wait for what the threads do, or, without threads, the next step.
  void AwaitProgress(std::unique_lock<std::mutex>& lock);
  void FlushLargest();

  const ApplierOptions& options_;
  const LoadEnvironment& environment_;
  ChangeLetters& letters_;
  LoaderProgress progress_;

  mutable std::mutex mutex_;
  std::condition_variable work_;   // something may be due
  std::condition_variable ended_;  // a step ended
  std::map<size_t, std::unique_ptr<ChangeTable>> tables_;
  std::set<std::pair<milliseconds, size_t>> queue_;  // due time, table number
  CommitLedger ledger_;
  std::vector<std::pair<int64_t, uint64_t>> settled_;
  uint64_t memory_bytes_ = 0;
  size_t next_number_ = 0;
  uint32_t large_running_ = 0;
  bool draining_ = false;
  bool stopping_ = false;
  std::optional<Error> error_;
  std::vector<std::thread> threads_;
};

// A source table's way into its target table.
struct ChangeRoute {
  AppliedTable applied;
  ChangeTable* table = nullptr;
  uint16_t number = 0;   // among the table's origins
  TableVersion version;  // that `projection` is for
  std::vector<uint32_t> projection;
  bool has_unknown_rows = false;  // kUnknownRows
  // Of the batch in hand: which of the target's columns its after-images have; empty: all.
  ColumnSet present;
};

struct ChangeApplier::State {
  State(ApplierOptions with, LoadEnvironment in, int64_t of, SchemaChangeHandler& handler,
        ChangeLog& of_source)
      : options(std::move(with)),
        environment(in),
        task(of),
        schema_changes(handler),
        log(of_source),
        letters(options, environment.store),
        scheduler(options, environment, letters) {}

  struct DefinitionChange {
    uint64_t commit = 0;
    TableVersion put;
    std::optional<TableId> removed;
  };
  struct ChoiceChange {
    uint64_t commit = 0;
    TableId table;
    std::optional<state::TableChoice> choice;
  };
  struct ShadowChange {
    uint64_t commit = 0;
    TableId table;
    std::optional<ShadowTable> shadow;
  };

  Status ApplyBatch(ChangeRoute& route, const ChangeBatch& batch);
  // An update whose row isn't known as a whole.
  Status LeaveOut(ChangeRoute& route, const ChangeRow& before, const ChangeRow& after,
                  const Error& why);
  Status AppendBatch(ChangeRoute& route, const ChangeBatch& batch);
  // Why rows of this table, which has no key, can't be updated and deleted; nullopt if they can.
  std::optional<Error> RefuseEdits(const mapping::TableMapping& mapping) const;
  Result<AppliedSchemaChange> ApplyOrSkip(const SchemaChange& change);
  // An update or delete of a row without a key that stops the task, unless it is to be left out.
  // `rows_lock` holds the table's mutex.
  Status SkipEdit(ChangeRoute& route, const RowBatch& rows, const RowChange& change,
                  const Error& why, std::unique_lock<std::mutex>& rows_lock);
  Status CommitKeyless(const CommitPoint& point);
  // Marks that speak of what the checkpoint at this commit has passed.
  std::vector<state::AppliedUpdate> OutdatedMarks(uint64_t durable);
  Status SaveCheckpoint(const std::optional<Position>& position, bool now);

  const ApplierOptions options;
  const LoadEnvironment environment;
  const int64_t task;
  SchemaChangeHandler& schema_changes;
  ChangeLog& log;

  // Of the stream's thread.
  std::map<TableId, ChangeRoute> routes;
  std::map<std::pair<std::string, std::string>, ChangeTable*> targets;
  std::set<TableId> away;  // AppliedSchemaChange::away
  std::vector<DefinitionChange> definition_changes;
  std::vector<ShadowChange> shadow_changes;
  std::vector<ChoiceChange> choice_changes;
  std::set<TableId> ignored;          // by AppliedSchemaChange
  bool checkpoint_at_commit = false;  // a schema change is in it
  bool in_transaction = false;        // rows were told whose commit hasn't come
  std::set<ChangeTable*> touched;     // tables without a key that it changes
  // No transaction up to here will be told any more.
  Position told_up_to;
  // How manieth commit in a row with the same resume position the last was.
  Position last_resume;
  uint64_t ordinal = 0;
  milliseconds checkpoint_stored{0};
  uint64_t durable_before = 0;  // commit of the last checkpoint

  mutable std::mutex checkpoint_mutex;
  Position checkpoint;
  int64_t checkpoint_commit_unix_us = 0;

  ChangeLetters letters;
  ChangeScheduler scheduler;  // last: its threads end before what they use
};

}  // namespace starlift::load
