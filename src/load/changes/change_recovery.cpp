#include "load/changes/change_recovery.h"

#include <map>

#include <fmt/format.h>

#include "base/log.h"
#include "load/changes/keyless_removal.h"
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
// A frontend keeps what is prepared for a day, unless it was told otherwise.
constexpr milliseconds kSurelyStillPrepared = std::chrono::hours(12);

class ChangeRecovery {
 public:
  ChangeRecovery(const LoadEnvironment& environment, const ApplierOptions& options)
      : environment_(environment),
        options_(options),
        patience_(environment, progress_, options.retry_for, {}) {}

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
  Status Settle(const ChangeLoadRecord& load) {
    if (load.mark.empty() && load.removal.empty()) return SettleKeyed(load);
    SL_ASSIGN(const KeylessRemoval removal, ParseRemoval(load.removal));
    return SettleKeyless(load, removal);
  }

  // Rows with a key may be loaded again. But what an old load holds must not come after newer rows.
  Status SettleKeyed(const ChangeLoadRecord& load) {
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

  // A transaction whose prepare isn't stored was never committed; one whose prepare is stored is
  // committed now, if it isn't. What was taken away for one that has no effect comes back.
  Status SettleKeyless(const ChangeLoadRecord& load, const KeylessRemoval& removal) {
    const state::TableRecord& table = tables_.at(load.table);
    const std::string& database = table.target_database;
    const bool prepared = load.status == state::ChangeLoadStatus::kPrepared;
    if (prepared && !removal.loads) {
      SL_TRY(Remove(load, removal));
      return environment_.store.FinishChangeLoad(load);
    }
    while (true) {
      SL_ASSIGN(const Settled settled, SettleLabel(environment_, patience_, database, load.label,
                                                   PreparingLabel::kCancel));
      if (settled == Settled::kAborted) return Undo(load, removal);
      if (settled == Settled::kLoaded) {
        if (prepared) return environment_.store.FinishChangeLoad(load);
        return Forgotten(load, "was committed, but not by this task");
      }
      if (settled == Settled::kUnknown) {
        if (!prepared) return Undo(load, removal);
        // What is prepared is forgotten only after its end: it was committed, or timed out.
        const auto age = environment_.clock.WallTime() - milliseconds(load.prepared_unix_ms);
        if (age < kSurelyStillPrepared) return environment_.store.FinishChangeLoad(load);
        return Forgotten(load, "isn't known to the target any more: its rows are there or not");
      }
      if (prepared) {
        SL_TRY(Remove(load, removal));
        (void)environment_.target.Commit(database, table.target_table, load.label);
      } else {
        (void)environment_.target.Rollback(database, table.target_table, load.label);
      }
      SL_TRY(patience_.Wait(kPoll));
    }
  }

  Status Undo(const ChangeLoadRecord& load, const KeylessRemoval& removal) {
    if (removal.empty()) return environment_.store.RemoveChangeLoad(load);
    SL_ASSIGN(std::string applied, environment_.store.GetApplied(load.table));
    return Finish(*MakeKeylessRestore(environment_, options_, progress_, TargetOf(load, removal),
                                      removal, std::move(applied)));
  }

  // DELETEs of the run before may still have been running: nothing of them comes after the commit.
  Status Remove(const ChangeLoadRecord& load, const KeylessRemoval& removal) {
    if (removal.empty()) return {};
    const ChangeTarget target = TargetOf(load, removal);
    StepPatience patience(environment_, progress_, options_.retry_for);
    RowRemover remover(environment_, target, removal.conditions, patience, /*earlier=*/true);
    return Finish(remover);
  }

  template <typename Stepped>
  Status Finish(Stepped& work) {
    while (true) {
      SL_ASSIGN(const NextStep next, work.Step());
      if (!next) return {};
      SL_TRY(patience_.Wait(*next));
    }
  }

  ChangeTarget TargetOf(const ChangeLoadRecord& load, const KeylessRemoval& removal) const {
    const state::TableRecord& table = tables_.at(load.table);
    return {table.target_database, table.target_table, removal.time_zone, load.table};
  }

  Error Forgotten(const ChangeLoadRecord& load, std::string_view what) const {
    const state::TableRecord& table = tables_.at(load.table);
    return Error{ErrorKind::kConflict, fmt::format("label {} of `{}`.`{}` {}", load.label,
                                                   table.target_database, table.target_table, what)}
        .Mend("begin the task anew: --fresh --existing truncate");
  }

  const LoadEnvironment& environment_;
  const ApplierOptions& options_;
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
