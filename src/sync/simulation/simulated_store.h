#pragma once

#include <map>
#include <string>

#include "load/mortal_store.h"
#include "sync/simulation/simulated_source.h"

namespace starlift::sync {

// The store as one life sees it, with a bug if one is planted. Tells the source how far the task
// has come.
class SimulatedStore : public load::MortalStore {
 public:
  SimulatedStore(state::StateStore& store, load::CrashSwitch& crash, SimulatedSource& source,
                 PlantedBug bug)
      : MortalStore(store, crash), source_(source), bug_(bug) {}

  Status SaveCheckpoint(int64_t task, const state::CheckpointUpdate& update) override {
    task_ = task;
    state::CheckpointUpdate stored = update;
    if (bug_ == PlantedBug::kEarlyCheckpoint && source_.told() > 0) {
      stored.position = source_.PlaceOf(source_.told());
    }
    if (bug_ == PlantedBug::kMissingForgotten) stored.missing_rows.clear();
    SL_TRY(MortalStore::SaveCheckpoint(task, stored));
    source_.Passed(stored.position);
    return {};
  }

  Result<state::ChangeLoadRecord> AddChangeLoad(int64_t table,
                                                const state::ChangeLoadRecord& load) override {
    SL_ASSIGN(state::ChangeLoadRecord added, MortalStore::AddChangeLoad(table, load));
    if (bug_ == PlantedBug::kLabelReused) {
      added.label = labels_.emplace(table, added.label).first->second;
    }
    return added;
  }

  Result<state::LoadRecord> AddLoad(int64_t table, const state::LoadRecord& load) override {
    SL_ASSIGN(state::LoadRecord added, MortalStore::AddLoad(table, load));
    if (bug_ == PlantedBug::kChunkDoneEarly) {
      SL_TRY(MortalStore::FinishChunk(table, load.chunk, {}, std::nullopt));
    }
    return added;
  }

  void BeforeAlter() {
    const uint64_t next = source_.told() + 1;
    if (bug_ != PlantedBug::kAlterRecordedEarly || next > source_.entries().size()) return;
    state::CheckpointUpdate update;
    update.position = source_.PlaceOf(next);
    const auto& change = source_.entries()[next - 1].schema_change;
    if (!change) return;
    if (change->after) update.definitions = {change->after};
    if (change->after && change->before && change->after->id != change->before->id) {
      update.removed_definitions = {change->before->id};
    }
    (void)MortalStore::SaveCheckpoint(task_, update).ok();
  }

 private:
  SimulatedSource& source_;
  const PlantedBug bug_;
  int64_t task_ = 0;
  std::map<int64_t, std::string> labels_;
};

}  // namespace starlift::sync
