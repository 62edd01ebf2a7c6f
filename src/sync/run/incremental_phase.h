#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/cancellation.h"
#include "base/result.h"
#include "load/changes/change_applier.h"
#include "sources/change_stream.h"
#include "state/records.h"
#include "sync/config/task_config.h"
#include "sync/control/command_queue.h"
#include "sync/control/task_status.h"
#include "sync/plan/plan.h"
#include "sync/run/world.h"

namespace starlift::sync {

struct IncrementalStart {
  int64_t task = 0;
  const Plan* plan = nullptr;
  const std::vector<state::TableRecord>* records = nullptr;  // in the plan's order
  // With --until-caught-up: where the log's head was when the run began.
  std::optional<Position> end;
  // Of the task's record in the state; empty: the config's.
  std::string identity = {};
  // Which tables are followed; none: those that the config's patterns take.
  TableFilter wanted = nullptr;
};

// Follows the source's log from the task's checkpoint: reads, applies, stores checkpoints, does
// what it is told between two reads. One thread calls Run; status() may be called from any.
class IncrementalPhase {
 public:
  IncrementalPhase(const IncrementalStart& start, const TaskConfig& config, World& world,
                   const Cancellation& cancellation);
  ~IncrementalPhase();

  // Opens the stream where the last checkpoint is and settles what a crash left.
  Status Open();
  // One read and what follows from it. True: everything up to `end` is at the target.
  Result<bool> Step();
  // Open, then steps until the end, a stop (kCancelled) or an error. Commands are served between
  // steps; null: there are none. False: the checkpoint was moved by a command, a new phase must go
  // on from there.
  // `opened` is called once commands are served and status() knows all tables.
  Result<bool> Run(CommandQueue* commands, const std::function<void()>& opened);

  // In the place of Run, by whoever takes the steps itself.

  // Another place in the log at which Step gives true.
  void SetEnd(Position end);
  // Reads in the smallest steps until nothing of the log up to `place` is untold; then all that was
  // told is at the target, and checkpoint() says where that is: at `place`, if the log has such a
  // place for this stream.
  Status ReadUpTo(const Position& place);
  const Position& checkpoint() const;
  // Nothing is sent any more.
  void Stop();

  TaskStatus status() const;

 private:
  Result<bool> StepWith(bool& arrived);
  void TellNow();

  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace starlift::sync
