#include "load/changes/change_recovery.h"

#include <map>

#include <fmt/format.h>

#include "base/log.h"
#include "load/label_settler.h"
#include "load/patience.h"
#include "load/progress.h"

namespace starlift::load {
namespace {

using state::ChangeLoadRecord;
using std::chrono::milliseconds;

constexpr milliseconds kPoll{250};
// What a dead connection left in the target's queues gets so long to show up.
constexpr milliseconds kLateArrival{2'000};

class ChangeRecovery {
 public:
  ChangeRecovery(const LoadEnvironment& environment, const ApplierOptions& options)
      : environment_(environment), patience_(environment, progress_, options.retry_for, {}) {}

  Status Run(int64_t task) {
    SL_ASSIGN(const std::vector<ChangeLoadRecord> loads, environment_.store.ListChangeLoads(task));
    if (loads.empty()) return {};
    SL_ASSIGN(const std::vector<state::TableRecord> tables, environment_.store.ListTables(task));
    for (const state::TableRecord& table : tables) tables_.emplace(table.id, table);
    LogInfo("asking the target for {} loads of the run before", loads.size());
    SL_TRY(patience_.Wait(kLateArrival));
    for (const ChangeLoadRecord& load : loads) SL_TRY(Settle(load));
    return {};
  }

 private:
  // Rows with a key may be loaded again. But what an old load holds must not come after newer rows.
  Status Settle(const ChangeLoadRecord& load) {
    const state::TableRecord& table = tables_.at(load.table);
    while (true) {
      SL_ASSIGN(const Settled settled, SettleLabel(environment_, patience_, table.target_database,
                                                   load.label, PreparingLabel::kCancel));
      if (settled != Settled::kPrepared) break;
      (void)environment_.target.Rollback(table.target_database, table.target_table, load.label);
      SL_TRY(patience_.Wait(kPoll));
    }
    return environment_.store.RemoveChangeLoad(load);
  }

  const LoadEnvironment& environment_;
  LoaderProgress progress_;
  Patience patience_;
  std::map<int64_t, state::TableRecord> tables_;
};

}  // namespace

Status SettleChangeLoads(const LoadEnvironment& environment, const ApplierOptions& options,
                         int64_t task) {
  return ChangeRecovery(environment, options).Run(task);
}

}  // namespace starlift::load
