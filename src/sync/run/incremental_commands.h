#pragma once

#include <string>

#include "base/result.h"
#include "load/changes/change_applier.h"
#include "sources/change_stream.h"
#include "sync/control/command_queue.h"
#include "sync/plan/plan.h"
#include "sync/run/world.h"

namespace starlift::sync {

// What a user may tell a task that follows changes. Used by the stream's thread, between two reads.
class IncrementalCommands {
 public:
  IncrementalCommands(World& world, int64_t task, const Plan& plan, load::ChangeApplier& applier,
                      ChangeStream& stream)
      : world_(world), task_(task), plan_(plan), applier_(applier), stream_(stream) {}

  Result<std::string> Execute(const TaskCommand& command);

  bool paused() const { return paused_; }
  // The checkpoint is another one now: everything is to be opened again from there.
  bool restart() const { return restart_; }

 private:
  Result<std::string> Pause();
  Result<std::string> Resume();
  Result<std::string> Skip(const std::string& count);
  Result<std::string> RestartFrom(const std::string& where);
  Result<Position> FindPosition(const std::string& where);

  World& world_;
  const int64_t task_;
  const Plan& plan_;
  load::ChangeApplier& applier_;
  ChangeStream& stream_;
  bool paused_ = false;
  bool restart_ = false;
};

// "2026-11-21T10:00:00Z", "2026-11-21 10:00:00" (UTC), "2026-11-21T19:00:00+09:00" as Unix
// microseconds. kUsage for anything else.
Result<int64_t> ParseTime(const std::string& text);

}  // namespace starlift::sync
