#include "sync/run/sync_task.h"

#include <algorithm>
#include <memory>
#include <set>
#include <utility>

#include "base/log.h"
#include "sources/change_stream.h"
#include "sync/control/table_request.h"
#include "sync/retry.h"
#include "sync/run/admission_check.h"
#include "sync/run/alteration_mark.h"
#include "sync/run/full_phase.h"
#include "sync/run/hand_over.h"
#include "sync/run/left_out_rows.h"
#include "sync/run/structure_phase.h"
#include "sync/run/table_selection.h"

namespace starlift::sync {
namespace {

// CREATE TABLE takes StarRocks a while each; a few at a time are no burden to it.
constexpr uint32_t kStructureConnections = 4;
// Definitions that keep changing between two looks at them.
constexpr int kStartAttempts = 20;

TableFilter NamesOf(const Catalog& catalog) {
  std::vector<TableId> names;
  for (const Table& table : catalog.tables) names.push_back(table.id);
  return MakeNameFilter(names);
}

bool AllDone(const std::vector<state::TableRecord>& records) {
  return std::all_of(records.begin(), records.end(), [](const state::TableRecord& record) {
    return record.status == state::TableStatus::kDone;
  });
}

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

std::string SyncTask::Identity() const {
  return admission_ != nullptr ? admission_->record.identity : TaskIdentity(config_);
}

Status SyncTask::ReadWanted(int64_t task) {
  if (admission_ != nullptr) {
    wanted_ = MakeNameFilter(admission_->record.tables);
    return {};
  }
  SL_ASSIGN(const TableSelection selection, TableSelection::Read(config_, world_.store, task));
  wanted_ = selection.own_filter();
  return {};
}

Result<SyncTask::Past> SyncTask::ReadPast() {
  const std::string identity = Identity();
  Past past;
  SL_ASSIGN(past.task, world_.store.FindTask(identity));
  if (past.task && config_.fresh && !begun_) {
    SL_TRY(world_.store.RemoveTask(past.task->id));
    past.task.reset();
  }
  begun_ = true;
  SL_TRY(ReadWanted(past.task ? past.task->id : 0));
  if (!past.task) return past;
  SL_ASSIGN(past.catalog, ReadCheckpointCatalog(world_.store, past.task->id));
  if (past.catalog) {
    std::erase_if(past.catalog->tables, [&](const Table& table) {
      if (wanted_(table.id)) return false;
      past.left_out.push_back(table.id);
      return true;
    });
  }
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
  SL_ASSIGN(const OwnsTable owns, ReadOwnership(world_.store, Identity()));
  // Tables that are loaded go on from their definitions at the checkpoint: what has changed since
  // is told by the log.
  const bool resumed = follows_ && past.catalog && past.loaded;
  PrepareOptions options;
  options.incremental = follows_;
  options.filter = wanted_;
  // Newer ones come when these are loaded.
  if (follows_ && past.catalog && !past.loaded) options.filter = NamesOf(*past.catalog);
  if (resumed) {
    options.catalog = &*past.catalog;
    SL_ASSIGN(options.altered, FindAlterations(world_.store, past.task->id));
  }
  Catalog others;
  if (admission_ != nullptr) {
    SL_ASSIGN(others, ReadFollowedTables(world_.store, admission_->into));
    options.others = &others;
  }
  SL_ASSIGN(Preparation preparation, Prepare(config_, world_.source, target, owns, options));
  if (follows_ && config_.default_phases && !past.catalog &&
      !RequireNoErrors(preparation.plan.findings).ok()) {
    // Nobody asked for the log: without it the rows of now can still be loaded.
    SL_ASSIGN(Preparation without,
              Prepare(config_, world_.source, target, owns, {.filter = wanted_}));
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
        .Mend(admission_ != nullptr ? "take them out of the task and add them again"
                                    : "begin anew: --fresh --existing truncate");
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
  for (int attempt = 0; attempt < kStartAttempts; ++attempt) {
    SL_ASSIGN(const auto start, FindStart(preparation.catalog, world_.source, wanted_));
    if (start) return StoreStart(world_.store, task, *start, preparation.plan);
    LogInfo("a table's definition has just changed: looking again");
    SL_ASSIGN(preparation, PrepareWithRetry(past));
  }
  return Error{ErrorKind::kConflict, "the source's tables change faster than they can be looked at"}
      .Mend("run the same command again when the schema rests");
}

// Before anything is changed: what can't come in ends the run, as it does for a new task's tables.
Status SyncTask::CheckNewTables(const Past& past) {
  new_tables_.clear();
  if (admission_ != nullptr || !follows_ || !past.catalog || followed_) return {};
  std::vector<TableId> unchecked;
  SL_ASSIGN(const auto admissions, world_.store.admissions().ListAdmissions(past.task->id));
  for (const state::AdmissionRecord& admission : admissions) {
    SL_ASSIGN(const auto begun, world_.store.GetCheckpoint(admission.id));
    if (begun) continue;
    SL_ASSIGN(findings_,
              CheckAdmission(config_, world_, past.task->id, admission.tables, admission.existing));
    SL_TRY(RequireNoErrors(findings_));
  }
  // A table that the patterns took before, too, and that isn't followed, was made since the
  // checkpoint: the log tells of it.
  const std::string& before = past.task->config_digest;
  if (before.empty() || before == PrintPatterns(config_)) return {};
  SL_ASSIGN(const TableFilter taken_before, ParsePatterns(before));
  const TableFilter followed = NamesOf(*past.catalog);
  SL_ASSIGN(const Catalog added, world_.source.ReadCatalog([&](const TableId& table) {
    return wanted_(table) && !taken_before(table) && !followed(table);
  }));
  if (added.tables.empty()) return {};
  for (const Table& table : added.tables) new_tables_.push_back(table.id);
  SL_ASSIGN(findings_, CheckAdmission(config_, world_, past.task->id, new_tables_, ""));
  return RequireNoErrors(findings_);
}

Status SyncTask::TakeNewTables(const Past& past) {
  if (new_tables_.empty()) return {};
  SL_TRY(world_.store.admissions().AddAdmission(past.task->id, new_tables_, "", std::nullopt));
  SL_TRY(world_.store.AppendAudit(past.task->id, "add-table", JoinNames(new_tables_),
                                  "newly taken by the task's patterns"));
  LogInfo("newly taken by the task's patterns: {}", JoinNames(new_tables_));
  return ReadWanted(past.task->id);
}

Status SyncTask::LeaveOutTables(const Past& past) {
  if (!follows_) return {};
  for (const TableId& table : past.left_out) {
    SL_TRY(world_.store.admissions().ForgetTable(past.task->id, table, std::nullopt));
    SL_TRY(world_.store.AppendAudit(past.task->id, "drop-table", table.ToString(),
                                    "no longer taken by the task's patterns"));
    LogWarning(
        "{} is out of the task, whose patterns don't take it any more; its table at the target "
        "stays as it is",
        table.ToString());
  }
  return {};
}

Status SyncTask::LoadAll(const Plan& plan, int64_t task,
                         const std::vector<state::TableRecord>& records) {
  ProgressBoard board(world_.clock);
  for (size_t i = 0; i < plan.tables.size(); ++i) {
    const mapping::TableMapping& mapping = plan.tables[i].mapping;
    board.AddTable(mapping.source.id.ToString(), mapping.target.QuotedName(),
                   mapping.source.row_estimate, records[i].done);
  }
  // What was done once stays so: a start that is interrupted, or a table that is loaded anew, must
  // not take a task for one whose rows were never all loaded.
  SL_ASSIGN(const state::PhaseStatus before, world_.store.GetPhase(task, state::Phase::kFull));
  if (before != state::PhaseStatus::kDone) {
    SL_TRY(world_.store.SetPhase(task, state::Phase::kFull, state::PhaseStatus::kRunning));
  }
  observer_.Loading(board);
  auto loaded = RunFullPhase(plan, records, config_, world_, board, follows_, cancellation_);
  observer_.Loaded(board, loaded.ok() ? "done" : ErrorKindName(loaded.error().kind));
  SL_TRY(std::move(loaded));
  if (follows_ && before != state::PhaseStatus::kDone) {
    std::vector<int64_t> keyed;
    for (size_t i = 0; i < records.size(); ++i) {
      if (plan.tables[i].mapping.keyless) continue;
      SL_TRY(SettleLoadedRows(world_.store, task, records[i], records[i]));
      keyed.push_back(records[i].id);
    }
    const RetryPolicy retry{world_.clock, cancellation_, config_.limits.retry_for};
    SL_TRY(StoreReadEnd(keyed, world_.source, world_.store, retry));
  }
  return world_.store.SetPhase(task, state::Phase::kFull, state::PhaseStatus::kDone);
}

Result<bool> SyncTask::Follow(const Plan& plan, int64_t task,
                              const std::vector<state::TableRecord>& records,
                              const std::optional<Position>& end) {
  SL_TRY(world_.store.SetPhase(task, state::Phase::kIncremental, state::PhaseStatus::kRunning));
  IncrementalPhase phase({task, &plan, &records, end, Identity(), wanted_}, config_, world_,
                         cancellation_);
  Result<bool> followed = admission_ != nullptr
                              ? admission_->follow(phase)
                              : phase.Run(commands_, [&] { observer_.Following(phase); });
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
  SL_TRY(CheckNewTables(past));
  std::optional<Position> end;
  if (follows_ && config_.until_caught_up) {
    SL_ASSIGN(end, world_.source.log()->Head());
  }
  observer_.Prepared(preparation);

  SL_TRY(LeaveOutTables(past));
  SL_TRY(TakeNewTables(past));
  // A run that doesn't follow the log leaves it to the next that does to take new tables in.
  const bool keeps_patterns = past.catalog && !follows_;
  SL_ASSIGN(const state::TaskRecord task,
            world_.store.OpenTask(
                Identity(), keeps_patterns ? past.task->config_digest : PrintPatterns(config_)));
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
  if (Wants(Phase::kFull) && !(followed_ && AllDone(records))) {
    SL_TRY(LoadAll(plan, task.id, records));
  }
  if (follows_) {
    SL_ASSIGN(const bool ended, Follow(plan, task.id, records, end));
    followed_ = true;
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
