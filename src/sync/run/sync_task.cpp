#include "sync/run/sync_task.h"

#include <algorithm>
#include <memory>
#include <set>
#include <utility>

#include "base/log.h"
#include "sync/retry.h"
#include "sync/run/full_phase.h"
#include "sync/run/structure_phase.h"

namespace starlift::sync {
namespace {

// CREATE TABLE takes StarRocks a while each; a few at a time are no burden to it.
constexpr uint32_t kStructureConnections = 4;

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

Result<Preparation> SyncTask::PrepareWithRetry(bool resumed) {
  // A first run's wrong host or port is said at once. A later run knows that its ends are right.
  const auto patience = resumed ? config_.limits.retry_for : std::chrono::milliseconds(0);
  const RetryPolicy retry{world_.clock, cancellation_, patience};
  SL_ASSIGN(const OwnsTable owns, ReadOwnership(world_.store, TaskIdentity(config_)));
  const auto attempt = [&]() -> Result<Preparation> {
    const auto target = world_.open_target();
    SL_ASSIGN(Preparation preparation, Prepare(config_, world_.source, *target, owns));
    findings_ = preparation.plan.findings;
    SL_TRY(RequireNoErrors(findings_));
    return preparation;
  };
  return RetryUnreachable(retry, "the first look at source and target", attempt);
}

Result<RunReport> SyncTask::Run() {
  const std::string identity = TaskIdentity(config_);
  SL_ASSIGN(std::optional<state::TaskRecord> known, world_.store.FindTask(identity));
  if (known && config_.fresh) {
    SL_TRY(world_.store.RemoveTask(known->id));
    known.reset();
  }
  SL_ASSIGN(const Preparation preparation, PrepareWithRetry(known.has_value()));
  const Plan& plan = preparation.plan;
  observer_.Prepared(preparation);

  SL_ASSIGN(const state::TaskRecord task, world_.store.OpenTask(identity, ""));
  std::vector<state::TableRecord> records;
  if (Wants(Phase::kStructure)) {
    SL_TRY(world_.store.SetPhase(task.id, state::Phase::kStructure, state::PhaseStatus::kRunning));
    SL_ASSIGN(records,
              RunStructurePhase(plan, task.id, {kStructureConnections, config_.limits.retry_for},
                                world_, cancellation_));
    SL_TRY(world_.store.SetPhase(task.id, state::Phase::kStructure, state::PhaseStatus::kDone));
  }
  if (!Wants(Phase::kFull)) return RunReport{};
  if (records.empty()) {
    SL_ASSIGN(records, AdoptTables(plan, task.id, world_));
  }

  ProgressBoard board(world_.clock);
  for (size_t i = 0; i < plan.tables.size(); ++i) {
    const mapping::TableMapping& mapping = plan.tables[i].mapping;
    board.AddTable(mapping.source.id.ToString(), mapping.target.QuotedName(),
                   mapping.source.row_estimate, records[i].done);
  }
  SL_TRY(world_.store.SetPhase(task.id, state::Phase::kFull, state::PhaseStatus::kRunning));
  observer_.Loading(board);
  auto loaded = RunFullPhase(plan, records, config_, world_, board, cancellation_);
  observer_.Loaded(board, loaded.ok() ? "done" : ErrorKindName(loaded.error().kind));
  if (!loaded.ok()) return std::move(loaded).error();
  SL_TRY(world_.store.SetPhase(task.id, state::Phase::kFull, state::PhaseStatus::kDone));

  RunReport report;
  SL_ASSIGN(records, world_.store.ListTables(task.id));
  for (const state::TableRecord& record : records)
    report.rows_filtered += record.done.rows_rejected;
  return report;
}

}  // namespace starlift::sync
