#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "load/changes/change_applier.h"
#include "sources/change_stream.h"
#include "sync/control/command_queue.h"
#include "sync/run/admissions.h"
#include "sync/run/world.h"

namespace starlift::sync {

// add-table and drop-table of a task that follows changes. Used by the stream's thread, between two
// reads.
class TableCommands {
 public:
  TableCommands(const TaskConfig& config, World& world, int64_t task, Admissions& admissions,
                load::ChangeApplier& applier, ChangeStream& stream)
      : config_(config),
        world_(world),
        task_(task),
        admissions_(admissions),
        applier_(applier),
        stream_(stream) {}

  static bool Knows(TaskCommand::Kind kind) {
    return kind == TaskCommand::Kind::kAddTable || kind == TaskCommand::Kind::kDropTable;
  }
  Result<std::string> Execute(const TaskCommand& command);

  // The task has other tables now: everything is to be opened again.
  bool restart() const { return restart_; }

 private:
  Result<std::string> Add(const std::vector<TableId>& tables, const std::string& existing);
  Result<std::string> Drop(const std::vector<TableId>& tables);

  const TaskConfig& config_;
  World& world_;
  const int64_t task_;
  Admissions& admissions_;
  load::ChangeApplier& applier_;
  ChangeStream& stream_;
  bool restart_ = false;
};

}  // namespace starlift::sync
