#pragma once

#include "base/cancellation.h"
#include "base/result.h"
#include "sync/config/task_config.h"

namespace starlift::sync {

// The subcommands as they meet a person or a script: over the real source, target, state file and
// clock, with stdout and stderr. The result is the process exit code; errors are printed by the
// caller.

// `starlift sync`: dry run, or a run with progress and closing summary.
Result<int> SyncOnConsole(const TaskConfig& config, const Cancellation& cancellation);

// `starlift check`: every finding, changes nothing.
Result<int> CheckOnConsole(const TaskConfig& config, const Cancellation& cancellation);

}  // namespace starlift::sync
