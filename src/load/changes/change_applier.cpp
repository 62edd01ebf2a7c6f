#include "load/changes/change_applier.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/log.h"
#include "load/changes/applied_mark.h"
#include "load/changes/change_applier_state.h"
#include "load/changes/change_recovery.h"
#include "load/changes/unknown_rows.h"

namespace starlift::load {

ChangeApplier::ChangeApplier(ApplierOptions options, LoadEnvironment environment, int64_t task,
                             SchemaChangeHandler& schema_changes, ChangeLog& log)
    : state_(std::make_unique<State>(std::move(options), environment, task, schema_changes, log)) {}

ChangeApplier::~ChangeApplier() = default;

Status ChangeApplier::Recover(const Position& checkpoint) {
  state_->checkpoint = checkpoint;
  state_->last_resume = state_->told_up_to = checkpoint;
  SL_TRY(state_->letters.Open(state_->task));
  return SettleChangeLoads(state_->environment, state_->options, state_->task);
}

Status ChangeApplier::AddTable(const AppliedTable& applied) {
  const mapping::TableMapping& mapping = *applied.mapping;
  SL_TRY(state_->letters.OpenTable(applied.record.id));
  // Rows without a key have no order between shards: each source table goes its own way.
  ChangeTable* own = nullptr;
  ChangeTable*& table =
      mapping.keyless ? own : state_->targets[{mapping.target.database, mapping.target.name}];
  if (table == nullptr) {
    table = &state_->scheduler.AddTable(
        {mapping.target.database, mapping.target.name, mapping.time_zone, applied.record.id},
        mapping);
    if (mapping.keyless) {
      SL_ASSIGN(const std::string text, state_->environment.store.GetApplied(applied.record.id));
      SL_ASSIGN(AppliedMark mark, ParseMark(text));
      SL_TRY(ForgetPassedCommit(mark));
      // The store knows it, too: it only takes a new mark in the place of the one that is known
      // here, and one that stays behind would pass over rows of a later transaction.
      if (const std::string known = PrintMark(mark); known != text) {
        SL_TRY(state_->environment.store.SetApplied(applied.record.id, known));
      }
      table->keyless =
          std::make_unique<KeylessRows>(table->plan, std::move(mark), state_->RefuseEdits(mapping));
    } else {
      SL_ASSIGN(const std::vector<std::string> missing,
                state_->environment.store.ListMissingRows(applied.record.id));
      table->missing_rows.insert(missing.begin(), missing.end());
    }
  } else if (!table->plan.Matches(ChangePlan(mapping))) {
    return Error{ErrorKind::kPolicy,
                 fmt::format("{} and {} land in {} with different columns, which the stream can't "
                             "put together",
                             table->sources.front().ToString(), mapping.source.id.ToString(),
                             mapping.target.QuotedName())}
        .Mend("give them the same columns, or target tables of their own");
  }
  {
    std::lock_guard lock(state_->scheduler.mutex());
    table->sources.push_back(mapping.source.id);
    table->origins.push_back({applied.mapping, applied.record.id});
  }
  ChangeRoute& route = state_->routes[mapping.source.id];
  route = {};
  route.applied = applied;
  route.table = table;
  route.number = static_cast<uint16_t>(table->origins.size() - 1);
  SL_ASSIGN(const auto missing, state_->environment.store.ListMissingRows(applied.record.id));
  route.has_unknown_rows = std::find(missing.begin(), missing.end(), kUnknownRows) != missing.end();
  return {};
}

std::optional<Error> ChangeApplier::State::RefuseEdits(const mapping::TableMapping& mapping) const {
  constexpr std::string_view kMend =
      "give the table a primary key, or leave it out with --exclude-tables; then begin anew: "
      "--fresh --existing truncate";
  const TableId& table = mapping.source.id;
  if (options.keyless_changes == KeylessChanges::kStop || environment.rows == nullptr) {
    return KeylessEditError(table, "keyless-changes says to stop at that",
                            fmt::format("keyless-changes: apply, or {}", kMend));
  }
  if (mapping.shared_target) {
    return KeylessEditError(table, "several source tables land in its target table", kMend);
  }
  return std::nullopt;
}

// A transaction that the checkpoint has passed isn't told again. Commits that share their resume
// position with the checkpoint come after it, all but the first.
Status ChangeApplier::ForgetPassedCommit(AppliedMark& mark) const {
  if (mark.commit.empty() || (mark.commit == state_->checkpoint && mark.ordinal > 0)) return {};
  SL_ASSIGN(const bool passed, state_->log.Covers(state_->checkpoint, mark.commit));
  if (!passed) return {};
  mark.commit.clear();
  mark.ordinal = 0;
  return {};
}

Status ChangeApplier::Consume(const ChangeBatch& batch) {
  const auto found = state_->routes.find(batch.table->id);
  if (found == state_->routes.end()) {
    if (state_->away.contains(batch.table->id)) return {};
    if (state_->ignored.contains(batch.table->id)) return {};
    return Error{ErrorKind::kConflict,
                 fmt::format("the log tells of changes of {}, which this run doesn't follow",
                             batch.table->id.ToString())}
        .Mend("leave it out with --exclude-tables, or begin the task anew with --fresh");
  }
  SL_TRY(state_->ApplyBatch(found->second, batch));
  return state_->scheduler.AwaitMemory();
}

namespace {

// The plan's columns that the image has; empty: all of them.
ColumnSet PresentColumns(const std::vector<bool>& image, const std::vector<uint32_t>& projection) {
  if (image.empty()) return {};
  ColumnSet present;
  bool all = true;
  for (const uint32_t place : projection) {
    present.push_back(image[place]);
    all = all && image[place];
  }
  return all ? ColumnSet() : present;
}

}  // namespace

Status ChangeApplier::State::ApplyBatch(ChangeRoute& route, const ChangeBatch& batch) {
  if (route.version != batch.table) {
    SL_ASSIGN(route.projection, ProjectColumns(*route.applied.mapping, *batch.table));
    route.version = batch.table;
  }
  route.present = PresentColumns(batch.after_columns, route.projection);
  const auto row = [&](uint32_t number) {
    return ChangeRow{&batch.rows, batch.rows.Row(number), route.projection};
  };
  in_transaction = true;
  ChangeTable& table = *route.table;
  if (table.keyless) return AppendBatch(route, batch);
  if (route.has_unknown_rows && !route.present.empty()) {
    return Error{ErrorKind::kPolicy,
                 fmt::format("the log tells changes of {} without all columns, and rows of it were "
                             "left out when it was loaded as a whole: a change of such a row would "
                             "make one that is NULL in the others",
                             batch.table->id.ToString())}
        .Mend(
            "set binlog_row_image = FULL at the source; then starlift drop-table and add-table "
            "--existing truncate");
  }
  std::lock_guard rows_lock(table.mutex);
  scheduler.Pin(table);
  table.pending.SetOrigin({scheduler.current_transaction(), route.number});
  for (const RowChange& change : batch.changes) {
    switch (change.kind) {
      case ChangeKind::kInsert:
        table.pending.Upsert(row(change.after));
        break;
      case ChangeKind::kUpdate:
        if (const Status updated =
                table.pending.Update(row(change.before), row(change.after), route.present);
            !updated.ok()) {
          SL_TRY(LeaveOut(route, row(change.before), row(change.after), updated.error()));
        }
        break;
      case ChangeKind::kDelete:
        table.pending.Delete(row(change.before));
        break;
    }
  }
  scheduler.PendingChanged(table);
  return {};
}

Status ChangeApplier::State::LeaveOut(ChangeRoute& route, const ChangeRow& before,
                                      const ChangeRow& after, const Error& why) {
  const mapping::TableMapping& mapping = *route.applied.mapping;
  const int64_t record = route.applied.record.id;
  // The row as the log has it, in the plan's layout.
  ColumnSet known =
      route.present.empty() ? ColumnSet(route.projection.size(), true) : route.present;
  for (const uint32_t column : route.table->plan.key()) known[column] = true;
  RowBatch told(route.projection.size());
  for (size_t column = 0; column < route.projection.size(); ++column) {
    const bool present = route.present.empty() || route.present[column];
    const ChangeRow& row = present ? after : before;
    if (row.cell(column).is_null()) {
      told.AppendNull();
    } else {
      told.AppendCopy(row.bytes(column));
    }
  }
  const starrocks::EncodePlan& plan = route.table->plan.Partial(known);
  ChangeLetterOrigin letter;
  letter.mapping = &mapping;
  letter.operation = "update";
  letter.stage = "apply";
  letter.reason = why.message;
  auto taken = letters.Take(record, why.message,
                            fmt::format("table {}, row {}", mapping.source.id.ToString(),
                                        BriefChangedRow(mapping, plan, told, 0)));
  if (!taken.ok()) {
    if (!why.mend.empty()) taken.error().mend = why.mend + "; or: " + taken.error().mend;
    return std::move(taken).error();
  }
  letter.skipped = *taken;
  LeftOut left_out;
  left_out.letters.push_back({scheduler.current_transaction(), record,
                              DescribeChangedRow(letter, plan, told, 0), letter.skipped});
  letters.Add(std::move(left_out));
  route.table->pending.Lose(before, after, route.present);
  return {};
}

Status ChangeApplier::State::AppendBatch(ChangeRoute& route, const ChangeBatch& batch) {
  ChangeTable& table = *route.table;
  const bool is_first = touched.insert(&table).second;
  std::unique_lock rows_lock(table.mutex);
  const uint64_t current = scheduler.current_transaction();
  if (is_first) SL_TRY(table.keyless->Begin(told_up_to, current, log));
  const bool whole = PresentColumns(batch.before_columns, route.projection).empty();
  const auto row = [&](uint32_t number) {
    return ChangeRow{&batch.rows, batch.rows.Row(number), route.projection};
  };
  for (const RowChange& change : batch.changes) {
    if (change.kind == ChangeKind::kInsert) {
      table.keyless->Insert(row(change.after), current);
    } else if (!whole) {
      return KeylessEditError(batch.table->id, "the log doesn't hold all columns of the row",
                              "set binlog_row_image = FULL at the source, then begin the task "
                              "anew: --fresh --existing truncate");
    } else {
      const bool deletes = change.kind == ChangeKind::kDelete;
      const Status edited = deletes ? table.keyless->Delete(row(change.before), current)
                                    : table.keyless->Update(row(change.before), row(change.after),
                                                            route.present, current);
      if (!edited.ok()) SL_TRY(SkipEdit(route, batch.rows, change, edited.error(), rows_lock));
    }
  }
  if (!table.keyless->empty()) scheduler.Pin(table);
  scheduler.PendingChanged(table);
  return {};
}

// Its letter counts at once, together with the table's mark, which says that the change is done
// with: after a crash it isn't told again. So all that came before it goes first.
Status ChangeApplier::State::SkipEdit(ChangeRoute& route, const RowBatch& rows,
                                      const RowChange& change, const Error& why,
                                      std::unique_lock<std::mutex>& rows_lock) {
  if (why.kind != ErrorKind::kPolicy) return why;
  SL_ASSIGN(const bool skipped, letters.TakeSkip());
  if (!skipped) return why;
  ChangeTable& table = *route.table;
  table.keyless->TakeBack();
  if (!table.keyless->empty()) scheduler.Pin(table);
  scheduler.PendingChanged(table);
  rows_lock.unlock();
  SL_TRY(scheduler.AwaitIdle());
  rows_lock.lock();
  state::CheckpointUpdate update;
  update.position = checkpoint;
  update.commit_unix_us = checkpoint_commit_unix_us;
  const std::string was = PrintMark(table.keyless->stored().mark);
  table.keyless->PassBy();
  update.applied.push_back({table.target.owner, was, PrintMark(table.keyless->stored().mark)});

  const mapping::TableMapping& mapping = *route.applied.mapping;
  const bool deletes = change.kind == ChangeKind::kDelete;
  const auto lay_out = [&](uint32_t number, const ColumnSet& present) {
    const Cell* cells = rows.Row(number);
    auto row = std::make_unique<RowBatch>(route.projection.size());
    for (size_t column = 0; column < route.projection.size(); ++column) {
      const bool known = present.empty() || present[column];
      const Cell cell = known ? cells[route.projection[column]] : Cell{};
      cell.is_null() ? row->AppendNull() : row->AppendCopy(rows.Bytes(cell));
    }
    return row;
  };
  const auto before = lay_out(change.before, {});
  const auto after = deletes ? nullptr : lay_out(change.after, route.present);
  ChangeLetterOrigin letter;
  letter.mapping = &mapping;
  letter.operation = deletes ? "delete" : "update";
  letter.stage = "apply";
  letter.reason = why.message;
  letter.skipped = true;
  letter.old_row_may_stay = true;
  std::string line = DescribeEditedRow(letter, route.table->plan.upserts(), *before, after.get());
  ChangeLetters::Due due;
  due.letters.emplace_back(
      ChangeLetter{scheduler.current_transaction(), route.applied.record.id, line, true},
      last_resume);
  SL_TRY(letters.Write(due, update));
  SL_TRY(environment.store.SaveCheckpoint(task, update));
  letters.CountNow(due, update);
  return {};
}

// Before the commit is counted.
Status ChangeApplier::State::CommitKeyless(const CommitPoint& point) {
  ordinal = point.resume == last_resume ? ordinal + 1 : 0;
  last_resume = told_up_to = point.resume;
  const uint64_t number = scheduler.current_transaction();
  for (ChangeTable* table : std::exchange(touched, {})) {
    std::lock_guard rows_lock(table->mutex);
    SL_TRY(table->keyless->Commit(point, number, ordinal, log));
    if (!table->keyless->empty()) scheduler.Pin(*table);
    scheduler.PendingChanged(*table);
  }
  return {};
}

Status ChangeApplier::Consume(const SchemaChange& change) {
  SL_TRY(Drain(std::nullopt));
  SL_ASSIGN(AppliedSchemaChange applied, state_->ApplyOrSkip(change));
  const uint64_t commit = [&] {
    std::lock_guard lock(state_->scheduler.mutex());
    return state_->scheduler.ledger().current();
  }();
  for (const TableId& id : applied.removed) {
    const auto found = state_->routes.find(id);
    if (found == state_->routes.end()) continue;
    ChangeTable& table = *found->second.table;
    state_->routes.erase(found);
    const std::pair target(table.target.database, table.target.table);
    if (state_->scheduler.RemoveSource(table, id)) state_->targets.erase(target);
  }
  for (const AppliedTable& table : applied.added) SL_TRY(AddTable(table));
  if (applied.away) state_->away.insert(*applied.away);
  for (const TableId& id : applied.no_longer_ignored) {
    state_->ignored.erase(id);
    state_->choice_changes.push_back({commit, id, std::nullopt});
  }
  for (const TableId& id : applied.ignored) {
    state_->ignored.insert(id);
    state_->choice_changes.push_back({commit, id, state::TableChoice::kExcluded});
  }
  if (change.before && (!change.after || change.after->id != change.before->id) &&
      change.kind != SchemaChangeKind::kTruncateTable) {
    state_->definition_changes.push_back({commit, nullptr, change.before->id});
  }
  // What a rename took out of the task is no table of it any more.
  if (change.after && state_->routes.contains(change.after->id)) {
    state_->definition_changes.push_back({commit, change.after, std::nullopt});
  }
  state_->checkpoint_at_commit = true;
  return {};
}

// A schema change that the target can't or shan't follow stops the task, unless the user wants it
// left out.
Result<AppliedSchemaChange> ChangeApplier::State::ApplyOrSkip(const SchemaChange& change) {
  Result<AppliedSchemaChange> applied = schema_changes.Apply(change);
  if (applied.ok() || applied.error().kind != ErrorKind::kPolicy) return applied;
  const TableId& id = change.before ? change.before->id : change.after->id;
  const auto route = routes.find(id);
  if (route == routes.end()) return applied;
  SL_ASSIGN(const bool skipped, letters.TakeSkip());
  if (!skipped) return applied;
  Result<AppliedSchemaChange> left_out = schema_changes.LeaveOut(change);
  if (!left_out.ok()) {
    SL_TRY(letters.GiveSkipBack());
    return left_out;
  }
  LeftOut letter;
  letter.letters.push_back({scheduler.current_transaction(), route->second.applied.record.id,
                            DescribeStatement(id, applied.error().message, change.statement),
                            true});
  letters.Add(std::move(letter));
  return left_out;
}

Status ChangeApplier::ConsumeDerived(const ChangeBatch& batch) {
  const bool in_transaction = state_->in_transaction;
  Status consumed = Consume(batch);
  state_->in_transaction = in_transaction;
  return consumed;
}

uint64_t ChangeApplier::HoldCheckpoint() {
  std::lock_guard lock(state_->scheduler.mutex());
  CommitLedger& ledger = state_->scheduler.ledger();
  ledger.Pin(ledger.current());
  return ledger.current();
}

void ChangeApplier::ReleaseCheckpoint(uint64_t held) {
  std::lock_guard lock(state_->scheduler.mutex());
  state_->scheduler.ledger().Unpin(held);
}

Status ChangeApplier::KeepShadow(const TableId& table, const std::optional<ShadowTable>& shadow) {
  state_->shadow_changes.push_back({state_->scheduler.current_transaction(), table, shadow});
  return {};
}

Status ChangeApplier::Commit(const CommitPoint& point) {
  SL_TRY(state_->CommitKeyless(point));
  state_->in_transaction = false;
  {
    std::lock_guard lock(state_->scheduler.mutex());
    state_->scheduler.ledger().Commit(point);
  }
  if (!std::exchange(state_->checkpoint_at_commit, false)) return {};
  return state_->SaveCheckpoint(std::nullopt, /*now=*/true);
}

Status ChangeApplier::Pump(const std::optional<Position>& position) {
  if (position) state_->told_up_to = *position;
  state_->scheduler.RunDueSteps();
  SL_TRY(state_->scheduler.error());
  return state_->SaveCheckpoint(position, /*now=*/false);
}

Status ChangeApplier::Drain(const std::optional<Position>& position) {
  SL_TRY(state_->scheduler.AwaitIdle());
  return state_->SaveCheckpoint(position, /*now=*/true);
}

Status ChangeApplier::SaveCheckpoint() {
  return state_->SaveCheckpoint(std::nullopt, /*now=*/true);
}

Status ChangeApplier::SetSkips(uint64_t skips) { return state_->letters.SetSkips(skips); }

void ChangeApplier::Stop() { state_->scheduler.Stop(); }

Status ChangeApplier::State::SaveCheckpoint(const std::optional<Position>& position, bool now) {
  const milliseconds at = environment.clock.Now();
  if (!now && at - checkpoint_stored < options.checkpoint_interval) return {};
  state::CheckpointUpdate update;
  update.commit_unix_us = checkpoint_commit_unix_us;
  update.position = checkpoint;
  uint64_t durable = 0;
  ChangeLetters::Due due;
  {
    std::lock_guard lock(scheduler.mutex());
    CommitLedger& ledger = scheduler.ledger();
    if (const auto place = ledger.Durable()) {
      update.position = place->position;
      update.commit_unix_us = place->commit_unix_us;
      durable = place->commit;
      due = letters.TakeDue(durable, ledger);
      ledger.Forget(durable);
    }
    // Nothing waits: all that the stream has passed is behind us, also what it didn't tell.
    if (!ledger.pinned() && !in_transaction && position) update.position = *position;
    update.settled = std::exchange(scheduler.settled(), {});
    durable = std::max(durable, durable_before);
    durable_before = durable;
  }
  update.applied = OutdatedMarks(durable);
  const auto holds = [&](const auto& change) { return change.commit <= durable; };
  for (const DefinitionChange& change : definition_changes) {
    if (!holds(change)) continue;
    if (change.put) update.definitions.push_back(change.put);
    if (change.removed) update.removed_definitions.push_back(*change.removed);
  }
  for (const ShadowChange& change : shadow_changes) {
    if (holds(change)) update.shadows.emplace_back(change.table, change.shadow);
  }
  for (const ChoiceChange& change : choice_changes) {
    if (holds(change)) update.choices.emplace_back(change.table, change.choice);
  }
  if (update.position == checkpoint && update.settled.empty() && update.definitions.empty() &&
      update.removed_definitions.empty() && update.shadows.empty() && update.choices.empty() &&
      update.applied.empty() && due.empty()) {
    return {};
  }
  SL_TRY(letters.Write(due, update));
  SL_TRY(environment.store.SaveCheckpoint(task, update));
  letters.Counted(update);
  std::erase_if(definition_changes, holds);
  std::erase_if(shadow_changes, holds);
  std::erase_if(choice_changes, holds);
  checkpoint_stored = at;
  std::lock_guard lock(checkpoint_mutex);
  checkpoint = update.position;
  checkpoint_commit_unix_us = update.commit_unix_us;
  return {};
}

// A mark is only good as long as the transaction that it names will be told again.
std::vector<state::AppliedUpdate> ChangeApplier::State::OutdatedMarks(uint64_t durable) {
  std::vector<state::AppliedUpdate> outdated;
  for (const auto& [id, route] : routes) {
    ChangeTable& table = *route.table;
    if (!table.keyless) continue;
    std::lock_guard rows_lock(table.mutex);
    NumberedMark stored = table.keyless->stored();
    if (stored.mark.empty() || !table.keyless->stored_is_known()) continue;
    const std::string was = PrintMark(stored.mark);
    if (stored.mark.rows > 0 && stored.partial > 0 && durable >= stored.partial) {
      stored = {};
    } else if (durable >= stored.commit) {
      stored.mark = {.snapshot = "", .commit = "", .ordinal = 0, .rows = stored.mark.rows};
    }
    const std::string now = PrintMark(stored.mark);
    if (now == was) continue;
    outdated.push_back({table.target.owner, was, now});
    table.keyless->SetStored(stored);
  }
  return outdated;
}

const Position& ChangeApplier::checkpoint() const { return state_->checkpoint; }

ApplierStatus ChangeApplier::status() const {
  ApplierStatus status;
  {
    std::lock_guard lock(state_->checkpoint_mutex);
    status.checkpoint = state_->checkpoint;
    status.checkpoint_commit_unix_us = state_->checkpoint_commit_unix_us;
  }
  const milliseconds now = state_->environment.clock.Now();
  std::lock_guard lock(state_->scheduler.mutex());
  status.oldest_pending_unix_us = state_->scheduler.ledger().oldest_pending_unix_us();
  status.memory_bytes = state_->scheduler.memory_bytes();
  status.loads_done = state_->scheduler.progress().loads_done;
  status.skips_left = state_->letters.skips_left();
  for (const auto& [number, table] : state_->scheduler.tables()) {
    AppliedTableStatus one;
    one.sources = table->sources;
    for (const TableId& source : table->sources) {
      const auto origin =
          std::find_if(table->origins.rbegin(), table->origins.rend(),
                       [&](const ChangeSource& of) { return of.mapping->source.id == source; });
      one.dead_letters.push_back(
          origin == table->origins.rend() ? 0 : state_->letters.CountOf(origin->record));
    }
    one.target = table->target.Name();
    one.changes_applied = table->changes_applied;
    one.pending_changes = table->pending_changes + table->flight_changes;
    one.last_load_unix_ms = table->last_load_unix_ms;
    one.interval = table->interval;
    if (table->flight) {
      one.waiting = now - table->flight_since;
    } else if (table->pending_pin) {
      one.waiting = now - table->pending_since;
    }
    status.changes_applied += one.changes_applied;
    status.tables.push_back(std::move(one));
  }
  return status;
}

}  // namespace starlift::load
