#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "load/buffer_pool.h"
#include "load/changes/applier_options.h"
#include "load/changes/change_plan.h"
#include "load/changes/load_refusals.h"
#include "load/changes/load_steps.h"
#include "load/changes/pending_rows.h"
#include "load/environment.h"
#include "load/progress.h"
#include "state/records.h"

namespace starlift::load {

// The target table that a load is for. `owner` is the record whose labels are used.
struct ChangeTarget {
  std::string database;
  std::string table;
  std::string time_zone;
  int64_t owner = 0;

  std::string Name() const;  // "`shop`.`orders`"
};

// A body under a label of its own.
struct ChangeBody {
  starrocks::LoadFormat format = starrocks::LoadFormat::kCsv;
  std::string columns;
  bool partial = false;
  std::vector<std::unique_ptr<ByteArena>> segments;
  uint64_t rows = 0;
  // Where rows may be left out: the plan that they were written by, and their keys, in order.
  const starrocks::EncodePlan* plan = nullptr;
  std::unique_ptr<BodyKeys> keys;
  bool takes_away = false;  // keys whose rows were refused

  uint64_t bytes() const;
};

class RemovedRows;      // load/changes/removed_rows.h
struct KeylessRemoval;  // load/changes/keyless_removal.h

// A row that can't be written for the target.
struct RefusedChange {
  std::string reason;
  std::string row;
};

struct EncodedChanges {
  std::vector<ChangeBody> bodies;
  std::vector<RefusedChange> refused;
};

// Writes a set's rows as bodies: one for whole rows and deletes, one for each set of columns of
// partial updates, each once more as JSON for what CSV can't carry. As every key is in the set
// once, their order doesn't matter. Uses the set up. Rows that can't be written are refused;
// kPolicy if they may not be.
Result<std::vector<ChangeBody>> EncodeChanges(ChangeSet set, LoadRefusals& refusals);
// Of rows that only delete. A key that can't be written isn't at the target.
std::vector<ChangeBody> EncodeDeletes(const ChangePlan& plan, const RowBatch& rows);

// Writes rows to be appended; all bodies have one format, as they go into one transaction: JSON
// where rows that come back go with them.
EncodedChanges EncodeAppends(const ChangePlan& plan, const ChangeSet& set, bool as_json = false);

// A cut of one table's changes on its way into the target, in steps that never wait: the label's
// intent is stored, the body is sent; whatever became of it is asked for until it is known. Used by
// one thread at a time.
class ChangeLoad {
 public:
  virtual ~ChangeLoad() = default;
  // The next step; kStepsDone once all is durable.
  virtual Result<NextStep> Step() = 0;
  // How long the table is to be left alone after it, beyond its interval.
  virtual std::chrono::milliseconds rest() const { return std::chrono::milliseconds(0); }
  // How often the target said that it takes no more for now.
  uint32_t times_busy() const { return times_busy_; }
  uint64_t bytes_sent() const { return bytes_sent_; }
  // The last label, once all is durable, for the checkpoint to forget.
  std::pair<int64_t, uint64_t> settled() const { return settled_; }
  // What was left out on the way, once all is durable.
  virtual LeftOut TakeLeftOut() { return {}; }

 protected:
  uint32_t times_busy_ = 0;
  uint64_t bytes_sent_ = 0;
  std::pair<int64_t, uint64_t> settled_{0, 0};
};

// Upserts and deletes of a table with a key.
std::unique_ptr<ChangeLoad> MakeKeyedLoad(const LoadEnvironment& environment,
                                          const ApplierOptions& options, LoaderProgress& progress,
                                          const ChangeTarget& target,
                                          std::vector<ChangeBody> bodies,
                                          std::unique_ptr<LoadRefusals> refusals);

// Rows of a table without a key, exactly once; `mark` (AppliedMark as text) is stored as applied
// once they are in. The removal's rows go before they come.
std::unique_ptr<ChangeLoad> MakeKeylessAppend(const LoadEnvironment& environment,
                                              const ApplierOptions& options,
                                              LoaderProgress& progress, const ChangeTarget& target,
                                              std::vector<ChangeBody> bodies, std::string mark,
                                              KeylessRemoval removal);

// The same with rows that go. kPolicy if they are not at the target.
std::unique_ptr<ChangeLoad> MakeKeylessEdit(const LoadEnvironment& environment,
                                            const ApplierOptions& options, LoaderProgress& progress,
                                            const ChangeTarget& target, const ChangePlan& plan,
                                            std::vector<ChangeBody> bodies, RemovedRows removed,
                                            std::string mark);

// After a crash: brings back what was taken away for a load that has ended without effect. `mark`
// is what is applied now.
std::unique_ptr<ChangeLoad> MakeKeylessRestore(const LoadEnvironment& environment,
                                               const ApplierOptions& options,
                                               LoaderProgress& progress, const ChangeTarget& target,
                                               KeylessRemoval removal, std::string mark);

}  // namespace starlift::load
