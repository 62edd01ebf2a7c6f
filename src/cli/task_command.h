#pragma once

#include <span>
#include <string_view>

#include "base/cancellation.h"
#include "base/option.h"
#include "base/result.h"
#include "cli/command.h"
#include "sync/config/task_config.h"

namespace starlift::cli {

// What `sync` and `check` have in common: the same arguments, environment and task file, and
// --help, --print-schema, --print-options, --log-level, --log-format.
struct TaskCommand {
  std::string_view name;
  std::string_view usage;  // the first lines of --help
  Result<int> (*run)(const sync::TaskConfig& config, const Cancellation& cancellation) = nullptr;
  // A command with options of its own reads them from the line; set instead of `run`.
  std::span<const OptionDeclaration> options = {};
  Result<int> (*run_with_line)(const sync::TaskConfig& config, const CommandLine& line,
                               const Cancellation& cancellation) = nullptr;
};

int RunTaskCommand(const TaskCommand& command, const Arguments& arguments, StopSignal& stop);

}  // namespace starlift::cli
