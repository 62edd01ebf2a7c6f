#include "sync/control/command_queue.h"

#include <utility>

namespace starlift::sync {
namespace {

Error Ended() {
  return Error{ErrorKind::kConflict, "the task is ending and takes no commands", "",
               "start it again, then repeat the command"};
}

}  // namespace

Result<std::string> CommandQueue::Submit(TaskCommand command) {
  const auto mine = std::make_shared<Waiting>();
  mine->command = std::move(command);
  std::unique_lock lock(mutex_);
  if (closed_) return Ended();
  waiting_.push_back(mine);
  answered_.wait(lock, [&] { return mine->answer.has_value(); });
  return *std::move(mine->answer);
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
  closed_ = true;
  for (const auto& each : waiting_) each->answer = Ended();
  waiting_.clear();
  answered_.notify_all();
}

}  // namespace starlift::sync
