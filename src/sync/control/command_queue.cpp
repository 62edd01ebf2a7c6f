#include "sync/control/command_queue.h"

#include <utility>

namespace starlift::sync {
namespace {

Error NotNow() {
  return Error{ErrorKind::kConflict, "the task takes no commands now", "",
               "it does while it follows changes: see `starlift status`"};
}

}  // namespace

Result<std::string> CommandQueue::Submit(TaskCommand command) {
  const auto mine = std::make_shared<Waiting>();
  mine->command = std::move(command);
  std::unique_lock lock(mutex_);
  if (!open_) return NotNow();
  waiting_.push_back(mine);
  answered_.wait(lock, [&] { return mine->answer.has_value(); });
  return *std::move(mine->answer);
}

void CommandQueue::Open() {
  std::lock_guard lock(mutex_);
  open_ = true;
}

void CommandQueue::Serve(const Execute& execute) {
  std::unique_lock lock(mutex_);
  while (!waiting_.empty()) {
    const std::shared_ptr<Waiting> next = waiting_.front();
    waiting_.pop_front();
    lock.unlock();
    Result<std::string> answer = execute(next->command);
    lock.lock();
    next->answer = std::move(answer);
    answered_.notify_all();
  }
}

void CommandQueue::Close() {
  std::lock_guard lock(mutex_);
  open_ = false;
  for (const auto& each : waiting_) each->answer = NotNow();
  waiting_.clear();
  answered_.notify_all();
}

}  // namespace starlift::sync
