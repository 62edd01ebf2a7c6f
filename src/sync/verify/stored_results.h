#pragma once

#include <string_view>

#include "base/result.h"
#include "state/store.h"
#include "sync/config/task_config.h"
#include "sync/control/task_status.h"
#include "sync/verify/report.h"

namespace starlift::sync {

// Keeps what a verification said of each table in the task's state.
Status StoreResults(state::StateStore& store, int64_t task, const VerificationReport& report);

// The same for a task that another process may be running. Nothing is kept where the home has no
// state, or the state has no such task: tables that some other program has loaded.
Status StoreResultsAtHome(const TaskConfig& config, const VerificationReport& report);

// Puts what the last verifications said into a status of the task. A state that can't be read is
// left unsaid.
void AddStoredResults(state::StateStore& store, std::string_view identity, TaskStatus& status);

}  // namespace starlift::sync
