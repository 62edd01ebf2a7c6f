#pragma once

#include <string_view>

#include "base/cancellation.h"
#include "base/result.h"
#include "cli/command.h"
#include "sync/config/task_config.h"

namespace starlift::cli {

// What `sync` and `check` have in common: the same arguments, environment and task file, and
// --help, --print-schema, --print-options, --log-level, --log-format.
struct TaskCommand {
  std::string_view name;
  std::string_view usage;  // the first lines of --help
  Result<int> (*run)(const sync::TaskConfig& config, const Cancellation& cancellation);
};

int RunTaskCommand(const TaskCommand& command, const Arguments& arguments, StopSignal& stop);

}  // namespace starlift::cli
