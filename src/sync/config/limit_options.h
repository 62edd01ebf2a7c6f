#pragma once

#include <vector>

#include "sync/config/task_options.h"

namespace starlift::sync {

// Section `limits`: what a task may use at both ends and in between, of the full load and of
// changes, and the same under the names that CloudCanal's tasks have.
std::vector<TaskOption> LimitTaskOptions();

}  // namespace starlift::sync
