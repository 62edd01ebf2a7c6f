#pragma once

#include <cstdint>
#include <string>

#include "base/cancellation.h"
#include "base/result.h"
#include "sources/source.h"
#include "starrocks/stream_load.h"
#include "sync/config/task_config.h"
#include "sync/plan/plan.h"
#include "sync/verify/report.h"
#include "sync/verify/verification.h"
#include "sync/verify/verify_options.h"

namespace starlift::sync {

// Verifications of a task over the real ends, each by a plan made for it. Used by one thread; all
// that it is given must outlive it.
class VerifyRun {
 public:
  VerifyRun(const TaskConfig& config, const VerifyOptions& options, Source& source,
            const Cancellation& cancellation)
      : config_(config),
        options_(options),
        source_(source),
        cancellation_(cancellation),
        loads_(config.target) {}

  // One verification, with the corrections that the options ask for. Where a process follows the
  // source's changes for the task, this one or another, differences are looked at beside it.
  Result<VerificationReport> Once();

 private:
  Result<Plan> Prepare(VerificationReport& report);
  Status Correct(Verification& verification, VerificationReport& report);
  Status CorrectTable(Verification& verification, const std::string& record, TableResult& table,
                      VerificationReport& report);
  Result<std::string> RecordFile(int64_t unix_ms) const;

  const TaskConfig& config_;
  const VerifyOptions& options_;
  Source& source_;
  const Cancellation& cancellation_;
  starrocks::StreamLoadClient loads_;
};

}  // namespace starlift::sync
