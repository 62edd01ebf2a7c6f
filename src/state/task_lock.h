#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace starlift::state {

// Holds a task for this process: `<home>/locks/<identity>.lock`, locked with flock, so that it ends
// with the process however that ends. Move-only.
class TaskLock {
 public:
  // kConflict, naming the holder's pid, if another process (or another TaskLock) has it.
  static Result<TaskLock> Acquire(const std::string& home, std::string_view identity);
  ~TaskLock();
  TaskLock(TaskLock&& other) noexcept;
  TaskLock& operator=(TaskLock&& other) noexcept;

 private:
  explicit TaskLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_ = -1;
};

}  // namespace starlift::state
