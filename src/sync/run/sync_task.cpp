#include "sync/run/sync_task.h"

#include <algorithm>
#include <memory>
#include <set>
#include <utility>

#include "base/log.h"
#include "sources/change_stream.h"
#include "sync/retry.h"
#include "sync/run/alteration_mark.h"
#include "sync/run/full_phase.h"
#include "sync/run/hand_over.h"
#include "sync/run/structure_phase.h"

namespace starlift::sync {
namespace {

// CREATE TABLE takes StarRocks a while each; a few at a time are no burden to it.
constexpr uint32_t kStructureConnections = 4;
// Definitions that keep changing between two looks at them.
constexpr int kStartAttempts = 20;

}  // namespace

Result<OwnsTable> ReadOwnership(state::StateStore& store, const std::string& identity) {
  auto owned = std::make_shared<std::set<std::pair<std::string, std::string>>>();
  SL_ASSIGN(const std::optional<state::TaskRecord> task, store.FindTask(identity));
  if (task) {
    SL_ASSIGN(const std::vector<state::TableRecord> tables, store.ListTables(task->id));
    for (const state::TableRecord& table : tables) {
      if (table.prepared || table.created_by_us) {
        owned->emplace(table.target_database, table.target_table);
      }
    }
  }
  return OwnsTable([owned](const std::string& database, const std::string& table) {
    return owned->contains({database, table});
  });
}

bool SyncTask::Wants(Phase phase) const {
  return std::find(config_.phases.begin(), config_.phases.end(), phase) != config_.phases.end();
}

Result<SyncTask::Past> SyncTask::ReadPast() {
  const std::string identity = TaskIdentity(config_);
  Past past;
  SL_ASSIGN(past.task, world_.store.FindTask(identity));
  if (past.task && config_.fresh && !begun_) {
    SL_TRY(world_.store.RemoveTask(past.task->id));
    past.task.reset();
  }
  begun_ = true;
  if (!past.task) return past;
  SL_ASSIGN(past.catalog, ReadCheckpointCatalog(world_.store, past.task->id));
  SL_ASSIGN(const state::PhaseStatus full,
            world_.store.GetPhase(past.task->id, state::Phase::kFull));
  past.loaded = full == state::PhaseStatus::kDone;
  return past;
}

// Whether the phases that were chosen fit to what was done before, and which are left.
Status SyncTask::CheckChosenPhases(const Past& past) {
  follows_ = Wants(Phase::kIncremental);
  if (!follows_) return {};
  if (world_.source.log() == nullptr) {
    if (!config_.default_phases) {
      return Error{ErrorKind::kUsage, "this source has no log that can be followed", "",
                   "use --phases structure,full"};
    }
    LogInfo("this source has no log that can be followed: only the rows of now are loaded");
    follows_ = false;
    return {};
  }
  if (past.catalog || !past.task) return {};
  SL_ASSIGN(const std::vector<state::TableRecord> tables, world_.store.ListTables(past.task->id));
  const bool begun = std::any_of(tables.begin(), tables.end(), [](const auto& table) {
    return table.status != state::TableStatus::kPending;
  });
  if (!begun && Wants(Phase::kFull)) return {};
  if (config_.default_phases) {
    LogWarning(
        "rows were loaded before the log was followed, so that changes in between are not known: "
        "they are not followed. To follow them: --fresh --existing truncate");
    follows_ = false;
    return {};
  }
  return Error{ErrorKind::kUsage,
               "rows were loaded before the log was followed: changes in between are not known", "",
               "begin anew: --phases structure,full,incremental --fresh --existing truncate"};
}

Result<Preparation> SyncTask::PrepareOnce(const Past& past, TargetCatalog& target) {
  SL_ASSIGN(const OwnsTable owns, ReadOwnership(world_.store, TaskIdentity(config_)));
  // Tables that are loaded go on from their definitions at the checkpoint: what has changed since
  // is told by the log.
  const bool resumed = follows_ && past.catalog && past.loaded;
  PrepareOptions options{follows_, resumed ? &*past.catalog : nullptr};
  if (resumed) {
    SL_ASSIGN(options.altered, FindAlterations(world_.store, past.task->id));
  }
  SL_ASSIGN(Preparation preparation, Prepare(config_, world_.source, target, owns, options));
  if (follows_ && config_.default_phases && !past.catalog &&
      !RequireNoErrors(preparation.plan.findings).ok()) {
    // Nobody asked for the log: without it the rows of now can still be loaded.
    SL_ASSIGN(Preparation without, Prepare(config_, world_.source, target, owns, {}));
    if (RequireNoErrors(without.plan.findings).ok()) {
      for (const Finding& finding : preparation.plan.findings) {
        if (finding.severity != Severity::kError) continue;
        LogWarning("changes are not followed: {}. To mend it: {}", finding.message, finding.mend);
      }
      follows_ = false;
      return without;
    }
  }
  if (follows_ && past.catalog && !past.loaded &&
      !SameDefinitions(*past.catalog, preparation.catalog)) {
    return Error{ErrorKind::kConflict,
                 "the source's tables have changed since their load began, and it isn't done"}
        .Mend("begin anew: --fresh --existing truncate");
  }
  return preparation;
}

Result<Preparation> SyncTask::PrepareWithRetry(const Past& past) {
  // A first run's wrong host or port is said at once. A later run knows that its ends are right.
  const auto patience = past.task ? config_.limits.retry_for : std::chrono::milliseconds(0);
  const RetryPolicy retry{world_.clock, cancellation_, patience};
  const auto attempt = [&]() -> Result<Preparation> {
    const auto target = world_.open_target();
    SL_ASSIGN(Preparation preparation, PrepareOnce(past, *target));
    findings_ = preparation.plan.findings;
    SL_TRY(RequireNoErrors(findings_));
    return preparation;
  };
  return RetryUnreachable(retry, "the first look at source and target", attempt);
}

// The place in the log from which changes will be told, before the first row is read.
Status SyncTask::BeginStream(int64_t task, const Past& past, Preparation& preparation) {
  if (!follows_) return {};
  SL_ASSIGN(const auto checkpoint, world_.store.GetCheckpoint(task));
  if (checkpoint) return world_.source.log()->CheckReach(checkpoint->position);
  SL_ASSIGN(const TableFilter filter, MakeTableFilter(config_));
  for (int attempt = 0; attempt < kStartAttempts; ++attempt) {
    SL_ASSIGN(const auto start, FindStart(preparation.catalog, world_.source, filter));
    if (start) return StoreStart(world_.store, task, *start, preparation.plan);
    LogInfo("a table's definition has just changed: looking again");
    SL_ASSIGN(preparation, PrepareWithRetry(past));
  }
  return Error{ErrorKind::kConflict, "the source's tables change faster than they can be looked at"}
      .Mend("run the same command again when the schema rests");
}

Status SyncTask::LoadAll(const Plan& plan, int64_t task,
                         const std::vector<state::TableRecord>& records) {
  ProgressBoard board(world_.clock);
  for (size_t i = 0; i < plan.tables.size(); ++i) {
    const mapping::TableMapping& mapping = plan.tables[i].mapping;
    board.AddTable(mapping.source.id.ToString(), mapping.target.QuotedName(),
                   mapping.source.row_estimate, records[i].done);
  }
  SL_TRY(world_.store.SetPhase(task, state::Phase::kFull, state::PhaseStatus::kRunning));
  observer_.Loading(board);
  auto loaded = RunFullPhase(plan, records, config_, world_, board, follows_, cancellation_);
  observer_.Loaded(board, loaded.ok() ? "done" : ErrorKindName(loaded.error().kind));
  SL_TRY(std::move(loaded));
  return world_.store.SetPhase(task, state::Phase::kFull, state::PhaseStatus::kDone);
}

Result<bool> SyncTask::Follow(const Plan& plan, int64_t task,
                              const std::vector<state::TableRecord>& records,
                              const std::optional<Position>& end) {
  SL_TRY(world_.store.SetPhase(task, state::Phase::kIncremental, state::PhaseStatus::kRunning));
  IncrementalPhase phase({task, &plan, &records, end}, config_, world_, cancellation_);
  observer_.Following(phase);
  Result<bool> followed = phase.Run(commands_);
  observer_.Followed();
  return followed;
}

Result<RunReport> SyncTask::Run() {
  RunReport report;
  Result<bool> done = false;
  while (done.ok() && !*done) done = RunOnce(report);
  if (!done.ok()) return std::move(done).error();
  return report;
}

Result<bool> SyncTask::RunOnce(RunReport& report) {
  SL_ASSIGN(const Past past, ReadPast());
  SL_TRY(CheckChosenPhases(past));
  SL_ASSIGN(Preparation preparation, PrepareWithRetry(past));
  std::optional<Position> end;
  if (follows_ && config_.until_caught_up) {
    SL_ASSIGN(end, world_.source.log()->Head());
  }
  observer_.Prepared(preparation);

  SL_ASSIGN(const state::TaskRecord task, world_.store.OpenTask(TaskIdentity(config_), ""));
  SL_TRY(BeginStream(task.id, past, preparation));
  const Plan& plan = preparation.plan;
  std::vector<state::TableRecord> records;
  if (Wants(Phase::kStructure)) {
    SL_TRY(world_.store.SetPhase(task.id, state::Phase::kStructure, state::PhaseStatus::kRunning));
    const uint32_t connections = config_.limits.readers > 0 ? kStructureConnections : 1;
    SL_ASSIGN(records, RunStructurePhase(plan, task.id, {connections, config_.limits.retry_for},
                                         world_, cancellation_));
    SL_TRY(world_.store.SetPhase(task.id, state::Phase::kStructure, state::PhaseStatus::kDone));
  }
  if (!Wants(Phase::kFull) && !follows_) return true;
  if (records.empty()) {
    SL_ASSIGN(records, AdoptTables(plan, task.id, world_));
  }
  if (Wants(Phase::kFull)) SL_TRY(LoadAll(plan, task.id, records));
  if (follows_) {
    SL_ASSIGN(const bool ended, Follow(plan, task.id, records, end));
    if (!ended) return false;
  }
  report = {};
  SL_ASSIGN(records, world_.store.ListTables(task.id));
  for (const state::TableRecord& record : records) {
    report.rows_filtered += record.done.rows_rejected;
  }
  return true;
}

}  // namespace starlift::sync
