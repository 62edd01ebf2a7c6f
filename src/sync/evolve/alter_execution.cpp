#include "sync/evolve/alter_execution.h"

#include <algorithm>
#include <string>

#include <fmt/format.h>

#include "base/log.h"
#include "sync/retry.h"

namespace starlift::sync {
namespace {

using starrocks::AlterJob;
using starrocks::AlterState;
using std::chrono::milliseconds;

constexpr milliseconds kFirstPoll{50};
constexpr milliseconds kLongestPoll{2000};

// "Table[t]'s is not in NORMAL state", "A schema change operation is in progress on the table …",
// "A materialized view or rollup index is being created on the table …", by version.
bool IsBusy(const Error& error) {
  if (error.kind != ErrorKind::kRefused) return false;
  const auto has = [&](std::string_view part) {
    return error.message.find(part) != std::string::npos;
  };
  return has("NORMAL") || has("operation is in progress") || has("is being created");
}

}  // namespace

AlterExecution::AlterExecution(TargetCatalog& target, const starrocks::TargetTable& table,
                               milliseconds timeout, Clock& clock, const Cancellation& cancellation)
    : target_(target),
      database_(table.database),
      table_(table.name),
      timeout_(timeout),
      clock_(clock),
      cancellation_(cancellation) {}

Result<AlterJob> AlterExecution::WaitForLast() {
  const auto begin = clock_.Now();
  milliseconds wait = kFirstPoll;
  bool told = false;
  while (true) {
    SL_ASSIGN(const auto job, target_.ReadLastAlterJob(database_, table_));
    if (!job) return AlterJob{.id = 0, .state = AlterState::kFinished};
    if (job->state != AlterState::kRunning) return *job;
    if (cancellation_.requested()) return CancelledError();
    if (clock_.Now() - begin >= timeout_) {
      return Error{ErrorKind::kPolicy,
                   fmt::format("the ALTER of `{}`.`{}` is still {} after {} s", database_, table_,
                               job->state_text, timeout_.count() / 1000),
                   "target",
                   "WAITING_TXN waits for older transactions of the database: SHOW PROC "
                   "'/transactions'; CANCEL ALTER TABLE COLUMN gives it up"};
    }
    if (!told && wait >= kLongestPoll) {
      told = true;
      LogInfo("waiting for the ALTER of `{}`.`{}`: {} {}", database_, table_, job->state_text,
              job->progress);
    }
    clock_.Sleep(wait, cancellation_);
    wait = std::min(wait * 2, kLongestPoll);
  }
}

Status AlterExecution::WaitForRunning() {
  SL_TRY(WaitForLast());
  return {};
}

Status AlterExecution::Run(std::string_view statement) {
  const auto begin = clock_.Now();
  SL_ASSIGN(const AlterJob before, WaitForLast());
  for (milliseconds wait = kFirstPoll;; wait = std::min(wait * 2, kLongestPoll)) {
    auto executed = target_.Execute(statement);
    if (executed.ok()) break;
    if (!IsBusy(executed.error()) || clock_.Now() - begin >= timeout_) {
      return std::move(executed).error();
    }
    if (cancellation_.requested()) return CancelledError();
    clock_.Sleep(wait, cancellation_);
  }
  SL_ASSIGN(const AlterJob after, WaitForLast());
  const bool ours = after.id > before.id;
  if (ours && after.state == AlterState::kCancelled) {
    return Error{ErrorKind::kPolicy,
                 fmt::format("StarRocks cancelled the ALTER of `{}`.`{}`: {}", database_, table_,
                             after.message),
                 "target", fmt::format("see to its reason, then run it again: {}", statement)};
  }
  return {};
}

}  // namespace starlift::sync
