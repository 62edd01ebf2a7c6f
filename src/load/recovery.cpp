#include "load/recovery.h"

#include <fmt/format.h>

#include "base/log.h"
#include "load/label_settler.h"
#include "load/patience.h"

namespace starlift::load {

using state::LoadKind;
using state::LoadRecord;
using state::LoadStatus;

Result<Recovery> LabelRecovery::Run() {
  SL_ASSIGN(const std::vector<LoadRecord> loads, environment_.store.ListLoads(table_.record.id));
  auto recovery = Recovery::kClean;
  for (const LoadRecord& load : loads) {
    if (!table_.mapping.keyless) {
      SL_TRY(SettleKeyed(load));
      continue;
    }
    SL_ASSIGN(const Recovery settled, SettleKeyless(load));
    if (settled == Recovery::kForgotten) recovery = settled;
  }
  return recovery;
}

// Rows with a key may be loaded again. But what an old load holds must not come after newer rows:
// one that is still on its way gets its time to show up.
Status LabelRecovery::SettleKeyed(const LoadRecord& load) {
  Patience patience(environment_, progress_, options_.retry_for, {});
  SL_ASSIGN(const Settled settled,
            BuryLabel(environment_, patience, table_.database(), table_.table(), load.label));
  if (settled == Settled::kLoaded && load.whole_chunk) return FinishChunk(load);
  return Forget(load);
}

Result<Recovery> LabelRecovery::SettleKeyless(const LoadRecord& load) {
  if (load.kind == LoadKind::kTransaction && load.status == LoadStatus::kSealed) {
    return SettleSealed(load);
  }
  Patience patience(environment_, progress_, options_.retry_for, {});
  SL_ASSIGN(const Settled settled,
            BuryLabel(environment_, patience, table_.database(), table_.table(), load.label));
  if (load.kind == LoadKind::kPlain) {
    if (settled == Settled::kLoaded) {
      SL_TRY(FinishChunk(load));
      return Recovery::kClean;
    }
    // Never begun, or forgotten since: nobody knows.
    if (settled == Settled::kUnknown) return Recovery::kForgotten;
  } else if (settled == Settled::kLoaded) {
    return Error{ErrorKind::kConflict,
                 fmt::format("label {} of {} was committed, but not by this task", load.label,
                             table_.Name())}
        .Mend("empty the table at the target and start the task anew with another --home");
  }
  // A transaction that wasn't sealed was never committed: its rows are not there.
  SL_TRY(Forget(load));
  return Recovery::kClean;
}

Result<Recovery> LabelRecovery::SettleSealed(const LoadRecord& load) {
  Patience patience(environment_, progress_, options_.retry_for, {});
  while (true) {
    SL_ASSIGN(const Settled settled, SettleLabel(environment_, patience, table_.database(),
                                                 load.label, PreparingLabel::kCancel));
    switch (settled) {
      case Settled::kLoaded:
        SL_TRY(FinishChunk(load));
        return Recovery::kClean;
      case Settled::kAborted:
        SL_TRY(Forget(load));
        return Recovery::kClean;
      case Settled::kUnknown:
        return Recovery::kForgotten;
      case Settled::kPrepared:
        break;
    }
    const starrocks::LoadOutcome outcome =
        environment_.target.Commit(table_.database(), table_.table(), load.label);
    if (outcome.verdict == starrocks::LoadVerdict::kLoaded) continue;  // asks once more
    SL_TRY(patience.WaitAfterFailure(
        outcome.back_off,
        fmt::format("committing {} of {}: {}", load.label, table_.Name(), outcome.message),
        outcome.mend));
  }
}

Status LabelRecovery::FinishChunk(const LoadRecord& load) {
  LogInfo("{}: label {} of the run before is in the target", table_.Name(), load.label);
  return environment_.store.FinishChunk(load.table, load.chunk, load.counters,
                                        load.dead_letter_bytes);
}

Status LabelRecovery::Forget(const LoadRecord& load) {
  return environment_.store.RemoveLoad(load.table, load.sequence);
}

}  // namespace starlift::load
