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
};

struct RunReport {
  uint64_t rows_filtered = 0;  // of all runs of the task
};

// One run of a task over the world: check, then the phases. Goes on where an earlier run of the
// same task ended. The caller holds the task's lock.
class SyncTask {
 public:
  SyncTask(const TaskConfig& config, World& world, RunObserver& observer,
           const Cancellation& cancellation)
      : config_(config), world_(world), observer_(observer), cancellation_(cancellation) {}

  // What was found before the start; an error that stands for findings ends the run before
  // RunObserver::Prepared() was called.
  Result<RunReport> Run();
  const std::vector<Finding>& findings() const { return findings_; }

 private:
  Result<Preparation> PrepareWithRetry(bool resumed);
  bool Wants(Phase phase) const;

  const TaskConfig& config_;
  World& world_;
  RunObserver& observer_;
  const Cancellation& cancellation_;
  std::vector<Finding> findings_;
};

// Target tables that the task of this identity took charge of, by what the state says.
Result<OwnsTable> ReadOwnership(state::StateStore& store, const std::string& identity);

}  // namespace starlift::sync
