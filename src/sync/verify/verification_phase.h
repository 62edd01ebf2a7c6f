#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "base/cancellation.h"
#include "base/result.h"
#include "sources/source.h"
#include "state/store.h"
#include "sync/config/task_config.h"
#include "sync/verify/report.h"

namespace starlift::sync {

// The verification that a run of `sync` ends with when its phases ask for it. Where the run follows
// changes, it is done beside the stream as soon as that has caught up with what the log held then;
// so that nothing that changes meanwhile is taken for a difference. With --until-caught-up the run
// ends after it; else the stream goes on. Where there is no stream, it is done after the load.
class VerificationPhase {
 public:
  // `told` is called once, with the finished report. `stop` is the user's wish to stop. All must
  // outlive it.
  VerificationPhase(const TaskConfig& config, Source& source, state::StateStore& store,
                    std::function<void(const VerificationReport&)> told, const Cancellation& stop);
  ~VerificationPhase();
  VerificationPhase(const VerificationPhase&) = delete;
  VerificationPhase& operator=(const VerificationPhase&) = delete;

  // The config that the run shall have, and what stops it: the user, or the end of this phase.
  const TaskConfig& run_config() const { return run_config_; }
  const Cancellation& run_stop() const { return run_stop_; }

  // The stream runs now, and its status can be asked for. May come several times.
  void StreamBegan();

  // After the run, with what it ended with: verifies if that wasn't done, and gives whether all
  // tables are equal. A run that was stopped because the verification was over has not failed.
  Result<bool> Finish(const Status& run);

 private:
  void Beside();
  Result<VerificationReport> Verify();

  const TaskConfig& config_;
  Source& source_;
  state::StateStore& store_;
  const std::function<void(const VerificationReport&)> told_;
  const Cancellation& stop_;
  TaskConfig run_config_;
  Cancellation run_stop_;
  Cancellation over_;  // what this phase still does shall end

  std::thread relay_;   // from the user's stop to the run's
  std::thread beside_;  // verifies beside the stream
  std::mutex mutex_;
  std::optional<Result<VerificationReport>> done_;
};

}  // namespace starlift::sync
