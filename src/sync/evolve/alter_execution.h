#pragma once

#include <chrono>
#include <string_view>

#include "base/cancellation.h"
#include "base/clock.h"
#include "base/result.h"
#include "sync/target_catalog.h"

namespace starlift::sync {

// Runs ALTER TABLE statements of one table and waits until each is in force.
class AlterExecution {
 public:
  AlterExecution(TargetCatalog& target, const starrocks::TargetTable& table,
                 std::chrono::milliseconds timeout, Clock& clock, const Cancellation& cancellation);

  // Waits for a job that runs already, ours from before a crash or another's; what became of it is
  // seen from the table.
  Status WaitForRunning();

  // Waits as long as another change is in progress, then for the job that the statement starts.
  // kPolicy if the server cancels it or it takes too long; kRefused as the server says.
  Status Run(std::string_view statement);

 private:
  // Until the last job is done; what it was, 0 if there is none.
  Result<starrocks::AlterJob> WaitForLast();

  TargetCatalog& target_;
  const std::string database_;
  const std::string table_;
  const std::chrono::milliseconds timeout_;
  Clock& clock_;
  const Cancellation& cancellation_;
};

}  // namespace starlift::sync
