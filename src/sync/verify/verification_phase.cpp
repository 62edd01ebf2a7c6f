#include "sync/verify/verification_phase.h"

#include <utility>

#include "base/clock.h"
#include "base/log.h"
#include "sync/retry.h"
#include "sync/verify/applied_wait.h"
#include "sync/verify/stored_results.h"
#include "sync/verify/verify_run.h"

namespace starlift::sync {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLook{100};

}  // namespace

VerificationPhase::VerificationPhase(const TaskConfig& config, Source& source,
                                     state::StateStore& store,
                                     std::function<void(const VerificationReport&)> told,
                                     const Cancellation& stop)
    : config_(config),
      source_(source),
      store_(store),
      told_(std::move(told)),
      stop_(stop),
      run_config_(config) {
  // The stream must go on until its rows are verified: this phase ends it then.
  if (source.log() != nullptr) run_config_.until_caught_up = false;
  relay_ = std::thread([this] {
    while (!over_.requested() && !stop_.requested()) (void)stop_.SleepFor(kLook);
    if (!stop_.requested()) return;
    run_stop_.Request();
    over_.Request();
  });
}

VerificationPhase::~VerificationPhase() {
  over_.Request();
  if (beside_.joinable()) beside_.join();
  relay_.join();
}

void VerificationPhase::StreamBegan() {
  if (!beside_.joinable()) beside_ = std::thread([this] { Beside(); });
}

// The task's own process is asked for its checkpoint, as `starlift verify` asks it from elsewhere.
void VerificationPhase::Beside() {
  const auto caught_up = MakeAppliedWait(config_, source_, SystemClock(), over_);
  Status ready = caught_up ? caught_up() : Status();
  Result<VerificationReport> result = ready.ok() ? Verify() : std::move(ready).error();
  const bool cancelled = !result.ok() && result.error().kind == ErrorKind::kCancelled;
  if (!result.ok() && !cancelled) LogError("verification: {}", result.error().ToString());
  {
    std::lock_guard lock(mutex_);
    done_ = std::move(result);
  }
  if (config_.until_caught_up) run_stop_.Request();
}

Result<VerificationReport> VerificationPhase::Verify() {
  const VerifyOptions options;
  LogInfo("verification begins");
  SL_ASSIGN(VerificationReport report, VerifyRun(config_, options, source_, over_).Once());
  SL_ASSIGN(const auto task, store_.FindTask(TaskIdentity(config_)));
  if (task) SL_TRY(StoreResults(store_, task->id, report));
  told_(report);
  return report;
}

Result<bool> VerificationPhase::Finish(const Status& run) {
  const bool ended_by_us = run_stop_.requested() && !stop_.requested();
  if (!run.ok() && !(ended_by_us && run.error().kind == ErrorKind::kCancelled)) {
    over_.Request();
    return run.error();
  }
  if (beside_.joinable()) beside_.join();
  std::lock_guard lock(mutex_);
  if (!done_) done_ = Verify();
  SL_ASSIGN(const VerificationReport report, std::move(*done_));
  return report.equal();
}

}  // namespace starlift::sync
