#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/cancellation.h"
#include "base/clock.h"
#include "sources/source.h"
#include "starrocks/load_target.h"
#include "sync/config/task_config.h"
#include "sync/plan/plan.h"
#include "sync/verify/row_shape.h"
#include "sync/verify/source_side.h"
#include "sync/verify/table_result.h"
#include "sync/verify/table_verifier.h"
#include "sync/verify/verify_options.h"

namespace starlift::sync {

// What a verification touches. All of it must outlive it.
struct VerificationWorld {
  Source& source;
  starrocks::LoadTarget& loads;
  Clock& clock;
  // For the incremental engine, see VerifierOptions; empty where no stream runs.
  std::function<Status()> wait_until_applied;
};

// Compares, and corrects, the target tables of a plan. Used by one thread; works in as many as
// TaskLimits::readers says.
class Verification {
 public:
  Verification(const Plan& plan, const TaskConfig& config, const VerifyOptions& options,
               VerificationWorld world, const Cancellation& cancellation);
  ~Verification();

  // Every target table, largest source first; `done` is told of each as it ends, one at a time.
  Result<std::vector<TableResult>> VerifyAll(const std::function<void(const TableResult&)>& done);

  // One of them again.
  Status VerifyAgain(TableResult& result);

  // Corrects the differences that `result` keeps. Rows are read again before; what is done to each
  // goes to the file `record` first. Gives how many rows were written or deleted.
  Result<uint64_t> Correct(const TableResult& result, const std::string& record);

 private:
  struct Group;
  struct Ends;

  Result<ChecksumUse> ChooseChecksum();
  std::unique_ptr<SourceSide> OpenSource(const Group& group, std::vector<SourceTable> tables);
  Result<Ends> OpenEnds(const Group& group);
  Status VerifyGroup(const Group& group, TableResult& result);
  Result<TableResult> VerifyPart(const Group& group, SharedVerification& shared,
                                 const VerifierOptions& options, const RetryPolicy& retry);
  uint32_t ThreadsPerTable(const Group& group) const;

  const Plan& plan_;
  const TaskConfig& config_;
  const VerifyOptions options_;
  VerificationWorld world_;
  const Cancellation& cancellation_;
  ChecksumUse checksum_ = ChecksumUse::kNone;
  std::map<std::string, Group> groups_;  // by the target's quoted name
};

}  // namespace starlift::sync
