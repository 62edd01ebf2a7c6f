#include "sync/verify/applied_wait.h"

#include <optional>
#include <string>

#include <fmt/format.h>

#include "base/log.h"
#include "sources/change_stream.h"
#include "sync/control/control_socket.h"
#include "sync/control/task_status.h"
#include "sync/retry.h"

namespace starlift::sync {
namespace {

constexpr std::chrono::milliseconds kAskEvery{100};

// nullopt: no process runs the task.
Result<std::optional<TaskStatus>> AskTask(const TaskConfig& config) {
  auto answer = SendCommand(config.home, TaskIdentity(config), "status", "");
  if (!answer.ok()) {
    if (answer.error().kind == ErrorKind::kNotFound) return std::optional<TaskStatus>();
    return std::move(answer).error();
  }
  SL_ASSIGN(TaskStatus status, ParseStatusJson(*answer));
  return std::optional(std::move(status));
}

bool Follows(const std::optional<TaskStatus>& status) {
  return status && status->phase == "incremental" && !status->paused;
}

Status WaitUntilApplied(const TaskConfig& config, ChangeLog& log, Clock& clock,
                        const Cancellation& cancellation) {
  const RetryPolicy retry{clock, cancellation, config.limits.retry_for};
  SL_ASSIGN(const Position head, RetryUnreachable(retry, "source", [&] { return log.Head(); }));
  const auto began = clock.Now();
  while (true) {
    SL_ASSIGN(const std::optional<TaskStatus> status, AskTask(config));
    if (!status || status->paused) {
      LogWarning("the task doesn't follow changes any more: differences count as they are");
      return {};
    }
    // A running task is between two streams for a moment when it begins anew from a checkpoint.
    if (Follows(status) && !status->checkpoint.empty()) {
      SL_ASSIGN(const bool covers, log.Covers(status->checkpoint, head));
      if (covers) return {};
    }
    if (clock.Now() - began > config.limits.retry_for) {
      return Error{ErrorKind::kPolicy,
                   fmt::format("the running task has not reached {} yet, it is at {}", head,
                               status->checkpoint),
                   "", "see what it waits for with `starlift status`; verify again after that"};
    }
    if (!clock.Sleep(kAskEvery, cancellation)) return CancelledError();
  }
}

}  // namespace

std::function<Status()> MakeAppliedWait(const TaskConfig& config, Source& source, Clock& clock,
                                        const Cancellation& cancellation) {
  ChangeLog* const log = source.log();
  if (log == nullptr) return {};
  const auto status = AskTask(config);
  if (!status.ok()) {
    LogWarning("the task's process doesn't answer: {}", status.error().ToString());
    return {};
  }
  if (!Follows(*status)) return {};
  return [&config, log, &clock, &cancellation] {
    return WaitUntilApplied(config, *log, clock, cancellation);
  };
}

}  // namespace starlift::sync
