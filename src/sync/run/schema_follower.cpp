#include "sync/run/schema_follower.h"

#include <utility>

#include <fmt/format.h>

#include "base/log.h"
#include "load/changes/applied_mark.h"
#include "sources/change_stream.h"
#include "starrocks/ddl_printer.h"
#include "sync/plan/planner.h"
#include "sync/progress/progress_board.h"
#include "sync/retry.h"
#include "sync/run/alteration_mark.h"
#include "sync/run/full_phase.h"
#include "sync/run/hand_over.h"
#include "sync/run/left_out_rows.h"

namespace starlift::sync {

SchemaFollower::SchemaFollower(const TaskConfig& config, World& world, int64_t task,
                               TableFilter wanted, const Cancellation& cancellation)
    : config_(config),
      world_(world),
      task_(task),
      wanted_(std::move(wanted)),
      cancellation_(cancellation) {}

void SchemaFollower::Add(std::shared_ptr<const mapping::TableMapping> mapping) {
  mappings_[mapping->source.id] = std::move(mapping);
}

Result<std::optional<mapping::TableMapping>> SchemaFollower::Map(const TableVersion& version,
                                                                 TargetCatalog& target) const {
  if (!version || !wanted_(version->id)) return std::optional<mapping::TableMapping>();
  SL_ASSIGN(const mapping::MappingRequest request, MakeMappingRequest(config_, target));
  Catalog catalog;
  catalog.tables = {*version};
  SL_ASSIGN(mapping::Mappings mapped, mapping::BuildMappings(catalog, request));
  for (const Finding& finding : mapped.findings) {
    if (finding.severity != Severity::kError) continue;
    return Error{ErrorKind::kPolicy, fmt::format("{}: {}", finding.subject, finding.message)}.Mend(
        finding.mend);
  }
  if (mapped.tables.empty()) return std::optional<mapping::TableMapping>();
  mapping::TableMapping mapping = std::move(mapped.tables.front());
  // Whether others land there too is known of the task's tables together.
  for (const auto& [id, other] : mappings_) {
    mapping.shared_target =
        mapping.shared_target || (id != version->id && other->target.name == mapping.target.name &&
                                  other->target.database == mapping.target.database);
  }
  return std::optional(std::move(mapping));
}

Result<load::AppliedSchemaChange> SchemaFollower::Apply(const SchemaChange& change) {
  LogInfo("carrying over: {}", change.statement);
  return Carry(change, config_.schema_changes);
}

Result<load::AppliedSchemaChange> SchemaFollower::LeaveOut(const SchemaChange& change) {
  LogWarning("left out: {}", change.statement);
  SchemaChangeOptions ignoring = config_.schema_changes;
  for (ChangePolicy* const policy :
       {&ignoring.create_table, &ignoring.drop_table, &ignoring.truncate_table,
        &ignoring.rename_table, &ignoring.add_column, &ignoring.drop_column,
        &ignoring.rename_column, &ignoring.change_type, &ignoring.comment, &ignoring.rebuild,
        &ignoring.drop_rows}) {
    *policy = ChangePolicy::kIgnore;
  }
  return Carry(change, ignoring);
}

Result<load::AppliedSchemaChange> SchemaFollower::Carry(const SchemaChange& change,
                                                        const SchemaChangeOptions& options) {
  if ((change.before && away_.contains(change.before->id)) ||
      (change.after && away_.contains(change.after->id))) {
    return load::AppliedSchemaChange();
  }
  if (change.before && ignored_.contains(change.before->id)) return FollowIgnored(change);
  if (change.kind == SchemaChangeKind::kCreateTable &&
      options.create_table == ChangePolicy::kIgnore && wanted_(change.after->id)) {
    return Ignore(change.after->id);
  }
  const RetryPolicy retry{world_.clock, cancellation_, config_.limits.retry_for};
  const auto target = world_.open_target();
  MappedChange mapped{&change, nullptr, nullptr};
  SL_ASSIGN(auto before, Map(change.before, *target));
  if (before) {
    if (const auto known = mappings_.find(change.before->id); known != mappings_.end()) {
      before->target.database = known->second->target.database;
      before->target.name = known->second->target.name;
      mapped.before = &*before;
    }
  }
  const TableVersion& later =
      change.kind == SchemaChangeKind::kTruncateTable ? change.before : change.after;
  SL_ASSIGN(auto after, Map(later, *target));
  if (after) mapped.after = &*after;
  // What was dropped earlier still has nothing to hold.
  if (const auto known = mappings_.find(change.before ? change.before->id : TableId());
      after && known != mappings_.end()) {
    after->kept_columns = known->second->kept_columns;
  }
  load::AppliedSchemaChange applied;
  if (mapped.before == nullptr && mapped.after == nullptr) return applied;
  if (mapped.before != nullptr) {
    SL_ASSIGN(const state::TableRecord own, OwnRecord(*mapped.before));
    SL_TRY(MarkAlteration(world_.store, task_, own));
  }

  SchemaEvolution evolution(*target, options, config_.existing, world_.clock, cancellation_);
  SL_ASSIGN(EvolutionOutcome outcome,
            RetryUnreachable(retry, "target", [&] { return evolution.Apply(mapped); }));
  SL_ASSIGN(const bool ahead, WasReadAhead(mapped));
  if (ahead && outcome.result != EvolutionResult::kEnd) {
    mapping::TableMapping anew = *mapped.after;
    anew.target.database = outcome.mapping.target.database;
    anew.target.name = outcome.mapping.target.name;
    outcome.mapping = std::move(anew);
    outcome.result = EvolutionResult::kRebuild;
    outcome.notes.emplace_back("its rows were read after this change: it is loaded anew");
  }
  SL_TRY(Note(change, outcome));
  if (change.before) {
    applied.removed.push_back(change.before->id);
    mappings_.erase(change.before->id);
  }
  if (outcome.result == EvolutionResult::kEnd) return applied;
  if (change.before && change.before->id != outcome.mapping.source.id && mapped.before != nullptr) {
    SL_ASSIGN(const state::TableRecord from, OwnRecord(*mapped.before));
    SL_ASSIGN(const state::TableRecord to, OwnRecord(outcome.mapping));
    SL_TRY(PassOnMissingRows(world_.store, task_, from, to));
  }
  overtaken_.reset();
  auto mapping = Settle(outcome, evolution, *target);
  if (!mapping.ok()) return GiveAway(outcome.mapping, mapping.error(), std::move(applied));
  SL_ASSIGN(load::AppliedTable table, Follow(*std::move(mapping)));
  applied.added.push_back(std::move(table));
  return applied;
}

Result<load::AppliedSchemaChange> SchemaFollower::Ignore(const TableId& table) {
  ignored_.insert(table);
  LogWarning("{} is new and left out, as create_table says: `starlift add-table` takes it in",
             table.ToString());
  SL_TRY(world_.store.AppendAudit(task_, "schema-change", table.ToString(), "new and left out"));
  load::AppliedSchemaChange applied;
  applied.ignored.push_back(table);
  return applied;
}

load::AppliedSchemaChange SchemaFollower::FollowIgnored(const SchemaChange& change) {
  load::AppliedSchemaChange applied;
  const TableId& was = change.before->id;
  const bool renamed = change.kind == SchemaChangeKind::kRenameTable;
  if (!renamed && change.kind != SchemaChangeKind::kDropTable) return applied;
  ignored_.erase(was);
  applied.no_longer_ignored.push_back(was);
  if (!renamed || !wanted_(change.after->id)) return applied;
  LogWarning("{} was left out, and so is what it is called now: {}", was.ToString(),
             change.after->id.ToString());
  ignored_.insert(change.after->id);
  applied.ignored.push_back(change.after->id);
  return applied;
}

Result<state::TableRecord> SchemaFollower::OwnRecord(const mapping::TableMapping& mapping) {
  return world_.store.OpenTable(task_, mapping.source.id, mapping.target.database,
                                mapping.target.name);
}

// Rows without a key were read at one position of the log. If the change lies before that, they
// have been through it at the source, and what the target would do to them is wrong: a TRUNCATE
// would take them away, and nothing brings them again. Rows with a key were read up to a position:
// where names have changed before that, some may have come from what bore the name later.
Result<bool> SchemaFollower::WasReadAhead(const MappedChange& change) {
  if (change.before == nullptr || change.after == nullptr) return false;
  const bool renames = !change.change->renamed_columns.empty() ||
                       change.change->kind == SchemaChangeKind::kRenameTable;
  if (!change.before->keyless && !renames) return false;
  SL_ASSIGN(const state::TableRecord own, OwnRecord(*change.before));
  SL_ASSIGN(const std::string text, world_.store.GetApplied(own.id));
  SL_ASSIGN(const load::AppliedMark mark, load::ParseMark(text));
  if (mark.snapshot.empty()) return false;
  SL_ASSIGN(const auto checkpoint, world_.store.GetCheckpoint(task_));
  SL_ASSIGN(const bool passed, world_.source.log()->Covers(checkpoint->position, mark.snapshot));
  if (!passed && change.before->shared_target) {
    return Error{
        ErrorKind::kPolicy,
        fmt::format("{} changed while its rows were loaded into {} beside those of other tables",
                    change.before->source.id.ToString(), change.before->target.QuotedName())}
        .Mend("begin the task anew: --fresh --existing truncate");
  }
  return !passed;
}

// Whatever the target needs beyond its ALTER.
Result<mapping::TableMapping> SchemaFollower::Settle(const EvolutionOutcome& outcome,
                                                     SchemaEvolution& evolution,
                                                     TargetCatalog& target) {
  const mapping::TableMapping& mapping = outcome.mapping;
  switch (outcome.result) {
    case EvolutionResult::kContinue:
    case EvolutionResult::kEnd:
      return mapping;
    case EvolutionResult::kRefill:
      // Without a key nothing can be put into rows that are there.
      if (mapping.keyless) return LoadAnew(mapping, evolution);
      SL_TRY(LoadRows(mapping, mapping, "refill"));
      return mapping;
    case EvolutionResult::kRebuild:
      return LoadAnew(mapping, evolution);
    case EvolutionResult::kLoadNew: {
      std::string create = starrocks::PrintCreateTable(mapping.target);
      if (create.ends_with(';')) create.pop_back();
      SL_TRY(target.Execute(create));
      SL_TRY(LoadRows(mapping, mapping, "load"));
      return mapping;
    }
  }
  return mapping;
}

Status SchemaFollower::RequirePresent(const mapping::TableMapping& mapping) {
  const RetryPolicy retry{world_.clock, cancellation_, config_.limits.retry_for};
  SL_ASSIGN(const SourceTableState now, RetryUnreachable(retry, "source", [&] {
              return CompareWithSource(mapping.source, world_.source);
            }));
  if (now == SourceTableState::kSame) return {};
  overtaken_ = now;
  return OvertakenError(mapping);
}

Result<load::AppliedSchemaChange> SchemaFollower::GiveAway(const mapping::TableMapping& mapping,
                                                           const Error& error,
                                                           load::AppliedSchemaChange applied) {
  // What is gone by now can't come back, and others' rows can't be taken away.
  if (!returns_ || overtaken_ != SourceTableState::kAltered || mapping.shared_target) return error;
  const RetryPolicy retry{world_.clock, cancellation_, config_.limits.retry_for};
  SL_TRY(
      RetryUnreachable(retry, "target", [&] { return SendAroundAgain(world_, task_, mapping); }));
  applied.away = mapping.source.id;
  away_.insert(mapping.source.id);
  return applied;
}

Result<mapping::TableMapping> SchemaFollower::LoadAnew(const mapping::TableMapping& mapping,
                                                       SchemaEvolution& evolution) {
  SL_ASSIGN(const mapping::TableMapping shadow, evolution.MakeShadow(mapping));
  SL_TRY(LoadRows(mapping, shadow, "rebuild"));
  return evolution.Swap(mapping);
}

Status SchemaFollower::LoadRows(const mapping::TableMapping& mapping,
                                const mapping::TableMapping& into, std::string_view purpose) {
  SL_TRY(RequirePresent(mapping));
  // A record of its own: the table's stays done, whatever becomes of this.
  TableId id = mapping.source.id;
  id.name += fmt::format(" ({})", purpose);
  SL_ASSIGN(state::TableRecord record,
            world_.store.OpenTable(task_, id, into.target.database, into.target.name));
  SL_TRY(world_.store.RestartTable(record.id));
  SL_ASSIGN(record, world_.store.GetTable(record.id));
  Plan plan;
  plan.tables.push_back({into, TableAction::kKeep, false});
  ProgressBoard board(world_.clock);
  board.AddTable(mapping.source.id.ToString(), into.target.QuotedName(),
                 mapping.source.row_estimate, record.done);
  LogInfo("loading {} into {}", mapping.source.id.ToString(), into.target.QuotedName());
  Status loaded =
      RunFullPhase(plan, {record}, config_, world_, board, mapping.keyless, cancellation_);
  if (!loaded.ok() && (loaded.error().kind == ErrorKind::kCancelled ||
                       loaded.error().kind == ErrorKind::kUnreachable)) {
    return loaded;
  }
  // What was read while the source altered it is no better than what can't be read then.
  SL_TRY(RequirePresent(mapping));
  SL_TRY(loaded);
  if (!mapping.keyless) {
    SL_ASSIGN(const state::TableRecord own, OwnRecord(mapping));
    SL_TRY(SettleLoadedRows(world_.store, task_, own, record));
    const RetryPolicy retry{world_.clock, cancellation_, config_.limits.retry_for};
    return StoreReadEnd({own.id}, world_.source, world_.store, retry);
  }
  // What the rows were read at belongs to the table itself.
  SL_ASSIGN(const std::string applied, world_.store.GetApplied(record.id));
  SL_ASSIGN(const state::TableRecord own, OwnRecord(mapping));
  return world_.store.SetApplied(own.id, applied);
}

Status SchemaFollower::Note(const SchemaChange& change, const EvolutionOutcome& outcome) const {
  const TableId& id = change.before ? change.before->id : change.after->id;
  for (const std::string& note : outcome.notes) {
    LogInfo("{}: {}", id.ToString(), note);
    SL_TRY(world_.store.AppendAudit(task_, "schema-change", id.ToString(), note));
  }
  return {};
}

Result<load::AppliedTable> SchemaFollower::Follow(mapping::TableMapping mapping) {
  SL_ASSIGN(state::TableRecord record,
            world_.store.OpenTable(task_, mapping.source.id, mapping.target.database,
                                   mapping.target.name));
  if (!mapping.kept_columns.empty()) {
    SL_TRY(world_.store.SetKeptColumns(record.id, mapping.kept_columns));
  }
  // Its rows are there, or come by the stream: no full load has to bring them.
  SL_TRY(world_.store.MarkPrepared(record.id));
  SL_TRY(world_.store.SetTableStatus(record.id, state::TableStatus::kDone));
  auto shared = std::make_shared<const mapping::TableMapping>(std::move(mapping));
  Add(shared);
  return load::AppliedTable{std::move(shared), record};
}

}  // namespace starlift::sync
