#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "sync/control/task_status.h"

namespace starlift::sync {

// What the state says of a task that doesn't run. kNotFound if this home knows no such task.
Result<TaskStatus> ReadStoredStatus(const std::string& home, std::string_view identity);

}  // namespace starlift::sync
