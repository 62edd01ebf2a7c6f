#pragma once

#include <functional>
#include <mutex>
#include <utility>

#include "sync/control/task_status.h"

namespace starlift::sync {

// Where the control channel finds the status of a run: each phase puts in its own way to read it.
// Thread-safe; once SetReader has returned, the former reader isn't called any more.
class StatusBoard {
 public:
  using Reader = std::function<TaskStatus()>;

  explicit StatusBoard(TaskStatus resting) : resting_(std::move(resting)) {}

  // Null: between two phases, and the board stays at what the last one showed at its end.
  void SetReader(Reader reader) {
    std::lock_guard lock(mutex_);
    if (reader == nullptr && reader_ != nullptr) resting_ = reader_();
    reader_ = std::move(reader);
  }
  TaskStatus Read() const {
    std::lock_guard lock(mutex_);
    return reader_ ? reader_() : resting_;
  }

 private:
  mutable std::mutex mutex_;
  TaskStatus resting_;
  Reader reader_;
};

}  // namespace starlift::sync
