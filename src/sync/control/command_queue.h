#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "base/result.h"

namespace starlift::sync {

// What a running task can be told to do.
struct TaskCommand {
  enum class Kind {
    kPause,
    kResume,
    kSkip,         // argument: how many changes
    kRestartFrom,  // argument: a position, or a time "2026-11-21T10:00:00Z"
    kAddTable,     // argument: a TableRequest
    kDropTable,    // argument: a TableRequest
  };
  Kind kind = Kind::kPause;
  std::string argument;
};

// Carries commands from whoever asks to the engine's own thread, which does them between two steps,
// where nothing is half done, and answers each. Thread-safe.
class CommandQueue {
 public:
  // Waits for the engine's answer: one line for the user. kConflict while the engine takes none.
  Result<std::string> Submit(TaskCommand command);

  // For the engine: takes commands from now on, until Close().
  void Open();
  // For the engine: does what waits, in order.
  using Execute = std::function<Result<std::string>(const TaskCommand&)>;
  void Serve(const Execute& execute);

  // The engine takes no more: whoever waits, and whoever comes, is told so.
  void Close();

 private:
  struct Waiting {
    TaskCommand command;
    std::optional<Result<std::string>> answer;
  };

  std::mutex mutex_;
  std::condition_variable answered_;
  std::deque<std::shared_ptr<Waiting>> waiting_;
  bool open_ = false;
};

}  // namespace starlift::sync
