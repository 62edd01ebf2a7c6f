#pragma once

#include <string>

#include "sync/control/task_status.h"
#include "sync/progress/progress_board.h"

namespace starlift::sync {

TaskStatus StatusOfFullLoad(const std::string& task, const ProgressSnapshot& snapshot);

}  // namespace starlift::sync
