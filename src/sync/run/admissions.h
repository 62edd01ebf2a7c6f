#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/cancellation.h"
#include "base/result.h"
#include "state/admission_store.h"
#include "sync/config/task_config.h"
#include "sync/control/task_status.h"
#include "sync/run/world.h"

namespace starlift::sync {

// Brings tables into a task while it follows changes, one admission after the other. Each is a run
// of its own in a thread of its own: structure, full load, and a stream that begins where the log
// was before their first row was read. Near the log's head they wait for the task:
//
//   task        ───────●────────────●═══ M    everything up to M is durable, the stream rests
//   new tables       ──────────● Q ───▶ M     read on from Q to the same place
//
// At M both checkpoints are the same position, and in one step of the state the tables become the
// task's. Whatever happens before that step, the tables' own checkpoint says where to go on.
//
// Used by the stream's thread; status() may be called from any.
class Admissions {
 public:
  Admissions(const TaskConfig& config, World& world, int64_t task,
             const Cancellation& cancellation);
  ~Admissions();

  // Begins with the next that the state knows, unless one is being worked at. Costs nothing where
  // there is none.
  Status Start();
  // The state knows of another one.
  Status StartNew();
  // Ends the work; Start() goes on with it.
  void Stop();

  // Nothing is on its way, but for what failed.
  bool idle() const;
  // What the first admission that failed ended with: the others go on, and so does the task. The
  // next run tries again.
  const std::optional<Error>& error() const { return error_; }

  // The new tables wait here for the task; nullopt while they are on their way.
  std::optional<Position> waiting_at() const;
  // For a task that has passed waiting_at() and made everything up to `place` durable. True: the
  // tables are the task's, which has to open everything anew. False: not yet.
  Result<bool> Meet(const Position& place);

  std::vector<TableStatus> status() const;

 private:
  class Work;
  void Fail(Error error);
  // The work's tables go on as part of `into`, so that a status always lists them.
  void EndWork(std::vector<state::AdmissionRecord>& into);

  const TaskConfig& config_;
  World& world_;
  const int64_t task_;
  const Cancellation& cancellation_;
  std::optional<Error> error_;
  bool look_ = true;  // the state may know of one to begin with

  mutable std::mutex mutex_;  // of what status() reads: only the stream's thread changes it
  std::unique_ptr<Work> work_;
  std::vector<state::AdmissionRecord> failed_, waiting_, arrived_;
};

}  // namespace starlift::sync
