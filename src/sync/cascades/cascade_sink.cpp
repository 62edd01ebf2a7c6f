#include "sync/cascades/cascade_sink.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "base/log.h"

namespace starlift::sync {
namespace {

using std::chrono::milliseconds;

// What foreign keys do by themselves waits so long for more of its kind.
constexpr milliseconds kGather{500};
constexpr size_t kMostWaiting = 20'000;
// What is remembered to be read again at the window's end; more of it is read before.
constexpr size_t kMostRemembered = 200'000;
constexpr milliseconds kLongestHold{300'000};
constexpr size_t kMostArrived = 1'000;
constexpr size_t kMostTold = 100'000;

// A part of a batch, for when something has to be done in the middle of it.
ChangeBatch Slice(const ChangeBatch& batch, size_t begin, size_t end) {
  ChangeBatch part(batch.table);
  part.before_columns = batch.before_columns;
  part.after_columns = batch.after_columns;
  const auto copy = [&](uint32_t row) -> uint32_t {
    if (row == RowChange::kNoRow) return row;
    for (size_t column = 0; column < batch.rows.columns(); ++column) {
      const auto value = batch.rows.Value(row, column);
      if (value) {
        part.rows.AppendCopy(*value);
      } else {
        part.rows.AppendNull();
      }
    }
    return static_cast<uint32_t>(part.rows.rows() - 1);
  };
  for (size_t i = begin; i < end; ++i) {
    const RowChange& change = batch.changes[i];
    part.changes.push_back({change.kind, copy(change.before), copy(change.after)});
  }
  return part;
}

// The columns that tell the rows of a child apart; none for a table that is no child.
std::vector<ColumnIndex> FindKey(const CascadeKeys::FollowedTable& table,
                                 const ChangeBatch& batch) {
  std::vector<ColumnIndex> key;
  if (table.as_child.empty()) return key;
  for (const uint32_t number : KeyColumns(*table.mapping)) {
    const starrocks::ColumnPlan& column = table.mapping->plan.columns[number];
    const auto index = batch.table->FindColumn(SourceName(*table.mapping, column));
    if (!index) return {};
    key.push_back(*index);
  }
  return key;
}

size_t CountRows(const CascadeWindow::Rows& rows) {
  size_t count = 0;
  for (const auto& [table, of_table] : rows) count += of_table.size();
  return count;
}

}  // namespace

CascadeSink::CascadeSink(load::ChangeApplier& applier, World& world, int64_t task,
                         FindMapping find_mapping, const RetryPolicy& retry)
    : applier_(applier),
      world_(world),
      task_(task),
      find_mapping_(std::move(find_mapping)),
      retry_(retry),
      rules_(world.store, task),
      doubts_(world.store, task),
      effects_(applier, world.rows, keys_, window_, doubts_, retry),
      settling_(applier, world, task, keys_, effects_, retry) {}

Status CascadeSink::Open(const Position& checkpoint) {
  reached_ = checkpoint;
  ChangeLog& log = *world_.source.log();
  SL_ASSIGN(const std::vector<CascadingKey> now,
            RetryUnreachable(retry_, "source", [&] { return log.ReadCascadingKeys(); }));
  SL_ASSIGN(const bool stored, rules_.Read());
  if (!stored && now.empty()) return {};
  // What is at the target by now is no newer than the log's head, nor is what was read.
  SL_ASSIGN(Position head, RetryUnreachable(retry_, "source", [&] { return log.Head(); }));
  SL_TRY(rules_.Choose(keys_.tables(), now, head));
  SL_TRY(keys_.Set(rules_.keys()));
  SL_ASSIGN(const CascadeWindow::Rows doubtful, doubts_.Read());
  if (keys_.all().empty() && doubtful.empty()) return {};
  SL_ASSIGN(const bool rows_were_read, settling_.AreRowsRead());
  window_.Open(std::move(head), rows_were_read);
  for (const auto& [table, rows] : doubtful) {
    for (const RowTuple& row : rows) window_.Suspect(table, row);
  }
  if (!keys_.all().empty()) {
    LogInfo("{} foreign keys change rows by themselves: what they do is found out",
            keys_.all().size());
  }
  return {};
}

Status CascadeSink::Consume(const ChangeBatch& batch) {
  const CascadeKeys::FollowedTable* const table = keys_.Find(batch.table->id);
  if (table == nullptr || !table->is_related()) return applier_.Consume(batch);
  SL_TRY(keys_.RequireWholeRows(*table, batch));
  const std::vector<ColumnIndex> key =
      window_.is_open() ? FindKey(*table, batch) : std::vector<ColumnIndex>();
  if (table->as_parent.empty()) {
    for (const RowChange& change : batch.changes) NoteTold(key, batch, change);
    return applier_.Consume(batch);
  }
  size_t told = 0;
  for (size_t i = 0; i < batch.changes.size(); ++i) {
    const RowChange& change = batch.changes[i];
    std::vector<CascadeKeys::Arrival> arrivals;
    if (!waiting_.empty() || window_.is_open()) {
      arrivals = keys_.ArrivalsOf(*table, batch, change);
    }
    if (IsInTheWay(*table, arrivals, batch, change) || waiting_.size() >= kMostWaiting) {
      if (i > told) SL_TRY(applier_.Consume(Slice(batch, told, i)));
      told = i;
      SL_TRY(Apply());
      if (window_.size() >= kMostRemembered) SL_TRY(SettleAll());
    }
    if (window_.is_open()) NoteArrivals(std::move(arrivals));
    NoteTold(key, batch, change);
    if (!in_force_) continue;
    SL_ASSIGN(std::vector<CascadeEffect> effects, keys_.EffectsOf(*table, batch, change));
    Queue(std::move(effects));
  }
  if (told == 0) return applier_.Consume(batch);
  return applier_.Consume(Slice(batch, told, batch.changes.size()));
}

// A parent comes under values, or one goes, of which waiting effects speak; or a row comes between
// them and their grandchildren, which would hide by which way these are reached.
bool CascadeSink::IsInTheWay(const CascadeKeys::FollowedTable& table,
                             const std::vector<CascadeKeys::Arrival>& arrivals,
                             const ChangeBatch& batch, const RowChange& change) const {
  if (waiting_.empty()) return false;
  if (!arrivals.empty() &&
      std::any_of(waiting_values_.begin(), waiting_values_.end(), [&](const auto& waiting) {
        return keys_.all()[waiting.first].between.contains(batch.table->id);
      })) {
    return true;
  }
  return std::any_of(table.as_parent.begin(), table.as_parent.end(), [&](size_t number) {
    const auto waiting = waiting_values_.find(number);
    if (waiting == waiting_values_.end()) return false;
    const uint32_t rows[] = {change.before, change.after};
    return std::any_of(std::begin(rows), std::end(rows), [&](uint32_t row) {
      if (row == RowChange::kNoRow) return false;
      const auto tuple = TupleOf(batch.rows, row, keys_.all()[number].parent_columns);
      return tuple && waiting->second.contains(*tuple);
    });
  });
}

// `key`: the columns that tell the table's rows apart; none: the row needn't be noted.
void CascadeSink::NoteTold(const std::vector<ColumnIndex>& key, const ChangeBatch& batch,
                           const RowChange& change) {
  if (key.empty() || (window_.is_empty() && arrived_.empty())) return;
  for (const uint32_t row : {change.before, change.after}) {
    if (row == RowChange::kNoRow) continue;
    auto tuple = TupleOf(batch.rows, row, key);
    if (!tuple) continue;
    window_.Clear(batch.table->id, *tuple);
    if (!arrived_.empty()) told_[batch.table->id].insert(*std::move(tuple));
  }
}

void CascadeSink::NoteArrivals(std::vector<CascadeKeys::Arrival> arrivals) {
  for (CascadeKeys::Arrival& arrival : arrivals) {
    window_.Arrive(arrival);
    if (!window_.rows_were_read() || !keys_.all()[arrival.key].below_another) continue;
    if (arrived_.empty()) {
      arrived_since_ = world_.clock.Now();
      Hold(window_held_);
    }
    arrived_[arrival.key].insert(std::move(arrival.tuple));
  }
}

void CascadeSink::Queue(std::vector<CascadeEffect> effects) {
  if (effects.empty()) return;
  if (waiting_.empty()) {
    waiting_since_ = world_.clock.Now();
    Hold(held_);
  }
  for (CascadeEffect& effect : effects) {
    std::set<RowTuple>& values = waiting_values_[effect.key];
    values.insert(effect.from);
    if (!effect.to.empty()) values.insert(effect.to);
    MarkUsed(keys_.all()[effect.key]);
    waiting_.push_back(std::move(effect));
  }
}

void CascadeSink::MarkUsed(const CascadeKeys::Key& key) {
  if (!used_.insert(key.facts.child).second) return;
  for (const TableId& table : key.between) {
    for (const size_t below : keys_.At(table).as_parent) {
      used_.insert(keys_.all()[below].facts.child);
    }
  }
}

// Everything told before is at the target while the children are looked for, and what is done to
// them is at the target before the checkpoint may pass it.
Status CascadeSink::Apply() {
  if (waiting_.empty()) return {};
  SL_TRY(applier_.Drain(std::nullopt));
  waiting_values_.clear();
  SL_TRY(effects_.Apply(std::exchange(waiting_, {})));
  // What is remembered since then keeps the checkpoint back, if nothing older does.
  if (!window_.is_empty() && (!window_held_ || *held_ < *window_held_)) {
    if (!window_held_) window_held_since_ = world_.clock.Now();
    std::swap(held_, window_held_);
  }
  Release(held_);
  return {};
}

void CascadeSink::Hold(std::optional<uint64_t>& held) {
  if (held) return;
  held = applier_.HoldCheckpoint();
  if (&held == &window_held_) window_held_since_ = world_.clock.Now();
}

void CascadeSink::Release(std::optional<uint64_t>& held) {
  if (held) applier_.ReleaseCheckpoint(*held);
  held.reset();
}

Status CascadeSink::FindEarlyChildren() {
  const CascadeWindow::Rows told = std::exchange(told_, {});
  for (const auto& [key, parents] : std::exchange(arrived_, {})) {
    SL_TRY(settling_.FindEarlyChildren(key, parents, told, window_));
  }
  return {};
}

Status CascadeSink::Settle() {
  SL_TRY(Drain());
  SL_TRY(FindEarlyChildren());
  const CascadeWindow::Rows suspects = window_.Take();
  if (!suspects.empty()) {
    SL_TRY(applier_.Drain(std::nullopt));
    SL_TRY(settling_.SetRowsRead(true));
    SL_TRY(settling_.ReadAgain(suspects));
    SL_ASSIGN(Position head,
              RetryUnreachable(retry_, "source", [&] { return world_.source.log()->Head(); }));
    window_.Open(std::move(head), true);
  }
  SL_TRY(doubts_.Forget());
  Release(window_held_);
  return {};
}

Status CascadeSink::SettleAll() {
  window_.SuspectAll();
  return Settle();
}

// The stream has passed its end.
Status CascadeSink::EndWindow() {
  SL_TRY(Drain());
  SL_TRY(FindEarlyChildren());
  if (window_.rows_were_read()) {
    SL_TRY(applier_.Drain(std::nullopt));
    SL_TRY(settling_.FindOrphans(window_));
  }
  if (window_.has_suspects()) return Settle();
  SL_TRY(settling_.SetRowsRead(false));
  SL_TRY(doubts_.Forget());
  settling_.ForgetOrphans();
  window_.Close();
  Release(window_held_);
  return {};
}

// What is remembered speaks of the rules and definitions of now.
Status CascadeSink::CloseChapter() {
  if (keys_.all().empty()) return applier_.Drain(std::nullopt);
  SL_TRY(SettleAll());
  return applier_.Drain(std::nullopt);
}

Status CascadeSink::Consume(const SchemaChange& change) {
  if (keys_.all().empty()) return applier_.Consume(change);
  SL_TRY(CloseChapter());
  SL_TRY(applier_.Consume(change));
  const TableId& id = change.before ? change.before->id : change.after->id;
  SL_ASSIGN(const bool same, keys_.Follow(change, find_mapping_(id)));
  keys_have_gone_ = keys_have_gone_ || !same;
  const CascadeKeys::FollowedTable* const table = keys_.Find(id);
  if (!same || table == nullptr || !table->is_related()) return {};
  // It may have been loaded anew, as it is now.
  SL_TRY(settling_.SetRowsRead(true));
  SL_ASSIGN(Position head,
            RetryUnreachable(retry_, "source", [&] { return world_.source.log()->Head(); }));
  window_.Open(std::move(head), true);
  return {};
}

// A rule that comes or goes changes what follows from the log.
Status CascadeSink::ForeignKeysMayChange(const TableId& table, std::string_view statement) {
  if (!rules_.IsTouchedBy(statement, table)) return {};
  SL_TRY(CloseChapter());
  const auto read_at = rules_.ReadAt(table);
  if (read_at && used_.contains(table)) {
    SL_ASSIGN(const bool certain, world_.source.log()->Covers(reached_, *read_at));
    if (!certain) {
      constexpr size_t kShown = 200;
      return Error{ErrorKind::kPolicy,
                   fmt::format("foreign keys of {} that change rows by themselves were changed "
                               "while they were at work, and which held when isn't known",
                               table.ToString()),
                   std::string(statement.substr(0, kShown)),
                   "begin the task anew: --fresh --existing truncate"};
    }
  }
  statements_.emplace_back(table, statement);
  return {};
}

Status CascadeSink::Commit(const CommitPoint& point) {
  if (waiting_.size() >= kMostWaiting) SL_TRY(Apply());
  if (statements_.empty() && !keys_have_gone_) return applier_.Commit(point);
  // Stored before the checkpoint: what is told again then is the statement, and nothing before it.
  SL_TRY(ChangeRules());
  SL_TRY(applier_.Commit(point));
  SL_TRY(applier_.Drain(std::nullopt));
  if (!must_reopen_) return {};
  return Error{ErrorKind::kConflict, "other foreign keys are in force: all is opened anew"};
}

Status CascadeSink::ChangeRules() {
  must_reopen_ = std::exchange(keys_have_gone_, false);
  if (statements_.empty()) return {};
  ChangeLog& log = *world_.source.log();
  SL_ASSIGN(const std::vector<CascadingKey> now,
            RetryUnreachable(retry_, "source", [&] { return log.ReadCascadingKeys(); }));
  SL_ASSIGN(const Position head, RetryUnreachable(retry_, "source", [&] { return log.Head(); }));
  for (const auto& [table, statement] : std::exchange(statements_, {})) {
    SL_ASSIGN(const bool others, rules_.Change(table, statement, now, head));
    if (others) LogInfo("foreign keys of {} have changed", table.ToString());
    must_reopen_ = must_reopen_ || others;
    used_.erase(table);
  }
  return {};
}

// Without them a row may come to refer to a parent that isn't there, whatever waits.
Status CascadeSink::SetForeignKeysInForce(bool in_force) {
  SL_TRY(Apply());
  if (window_.is_open() && !in_force) window_.SuspectAll();
  in_force_ = in_force;
  return {};
}

Status CascadeSink::Pump(const Position& reached) {
  reached_ = reached;
  const milliseconds now = world_.clock.Now();
  if (!waiting_.empty() && now - waiting_since_ >= kGather) SL_TRY(Apply());
  if (!window_.is_open()) return {};
  size_t arrived = 0;
  for (const auto& [key, parents] : arrived_) arrived += parents.size();
  if (arrived >= kMostArrived || CountRows(told_) >= kMostTold ||
      (arrived > 0 && now - arrived_since_ >= kGather)) {
    SL_TRY(FindEarlyChildren());
  }
  if (window_.is_empty() && arrived_.empty()) Release(window_held_);
  SL_ASSIGN(const bool passed, world_.source.log()->Covers(reached, window_.end()));
  if (passed) return EndWindow();
  const bool too_long = window_held_ && now - window_held_since_ >= kLongestHold;
  if (window_.size() < kMostRemembered && !too_long) return {};
  return SettleAll();
}

Status CascadeSink::Drain() { return Apply(); }

}  // namespace starlift::sync
