#pragma once

#include "base/cancellation.h"
#include "base/result.h"
#include "sync/config/task_config.h"
#include "sync/verify/verify_options.h"

namespace starlift::sync {

// `starlift verify` as it meets a person or a script: over the real ends, with stdout, stderr and
// the report's file. The result is the process exit code: 0 equal, 1 different.
Result<int> VerifyOnConsole(const TaskConfig& config, const VerifyOptions& options,
                            const Cancellation& cancellation);

}  // namespace starlift::sync
