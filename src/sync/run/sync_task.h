#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/cancellation.h"
#include "base/result.h"
#include "data/finding.h"
#include "sync/config/task_config.h"
#include "sync/plan/preparation.h"
#include "sync/progress/progress_board.h"
#include "sync/run/admission_run.h"
#include "sync/run/incremental_phase.h"
#include "sync/run/world.h"

namespace starlift::sync {

// What a run says while it goes on. Called from the run's own thread.
class RunObserver {
 public:
  virtual ~RunObserver() = default;
  // Before anything is changed; the findings hold no error.
  virtual void Prepared(const Preparation& preparation) = 0;
  // Rows begin to flow; the board lives until Loaded() returns.
  virtual void Loading(const ProgressBoard& board) = 0;
  // Always follows Loading(). `result` is "done", or the kind of the error that ended the run.
  virtual void Loaded(const ProgressBoard& board, std::string_view result) = 0;
  // Changes begin to flow; the phase lives until Followed() returns. Commands are served from now
  // on. An admission's follow() says it by itself.
  virtual void Following(const IncrementalPhase& phase) = 0;
  virtual void Followed() = 0;  // also where the stream could not be opened
};

struct RunReport {
  uint64_t rows_filtered = 0;  // of all runs of the task
};

// One run of a task over the world: check, then the phases. Goes on where an earlier run of the
// same task ended. The caller holds the task's lock.
class SyncTask {
 public:
  // `commands`, which may be null, reach the incremental phase. `admission`: the run is about these
  // tables alone, on their way into a task.
  SyncTask(const TaskConfig& config, World& world, RunObserver& observer, CommandQueue* commands,
           const Cancellation& cancellation, const AdmissionRun* admission = nullptr)
      : config_(config),
        world_(world),
        observer_(observer),
        commands_(commands),
        cancellation_(cancellation),
        admission_(admission) {}

  // What was found before the start; an error that stands for findings ends the run before
  // RunObserver::Prepared() was called.
  Result<RunReport> Run();
  const std::vector<Finding>& findings() const { return findings_; }

 private:
  // What the state knows of earlier runs.
  struct Past {
    std::optional<state::TaskRecord> task;
    std::optional<Catalog> catalog;  // at the checkpoint
    bool loaded = false;             // the full phase is done
    std::vector<TableId> left_out;   // followed until now, and no longer taken by the task
  };
  std::string Identity() const;
  Result<Past> ReadPast();
  Status ReadWanted(int64_t task);
  // Tables that the patterns take and didn't take before are to come into the task; those that they
  // don't take any more leave it.
  Status CheckNewTables(const Past& past);
  Status TakeNewTables(const Past& past);
  Status LeaveOutTables(const Past& past);
  Result<Preparation> PrepareWithRetry(const Past& past);
  Result<Preparation> PrepareOnce(const Past& past, TargetCatalog& target);
  Status CheckChosenPhases(const Past& past);
  Status BeginStream(int64_t task, const Past& past, Preparation& preparation);
  Status LoadAll(const Plan& plan, int64_t task, const std::vector<state::TableRecord>& records);
  Result<bool> RunOnce(RunReport& report);
  // False: a command has moved the checkpoint, everything goes on from there.
  Result<bool> Follow(const Plan& plan, int64_t task,
                      const std::vector<state::TableRecord>& records,
                      const std::optional<Position>& end);
  bool Wants(Phase phase) const;

  const TaskConfig& config_;
  World& world_;
  RunObserver& observer_;
  CommandQueue* const commands_;
  const Cancellation& cancellation_;
  const AdmissionRun* const admission_;
  bool begun_ = false;               // what --fresh forgets is forgotten
  bool followed_ = false;            // everything was loaded by this run, and is opened anew
  bool follows_ = false;             // the source's log, after the full load
  TableFilter wanted_;               // the tables that this run loads and follows
  std::vector<TableId> new_tables_;  // that the patterns newly take
  std::vector<Finding> findings_;
};

// Target tables that the task of this identity took charge of, by what the state says.
Result<OwnsTable> ReadOwnership(state::StateStore& store, const std::string& identity);

}  // namespace starlift::sync
