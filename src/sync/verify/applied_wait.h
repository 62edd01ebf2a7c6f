#pragma once

#include <functional>

#include "base/cancellation.h"
#include "base/clock.h"
#include "base/result.h"
#include "sources/source.h"
#include "sync/config/task_config.h"

namespace starlift::sync {

// VerifierOptions::wait_until_applied for a task whose process follows the source's changes now:
// asks it for its checkpoint until that covers the log's head of the moment of the call. Empty if
// no process runs the task, or none that follows changes. Gives up after TaskLimits::retry_for.
// Everything must outlive the function.
std::function<Status()> MakeAppliedWait(const TaskConfig& config, Source& source, Clock& clock,
                                        const Cancellation& cancellation);

}  // namespace starlift::sync
