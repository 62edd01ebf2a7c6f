#include "load/changes/change_letters.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/log.h"

namespace starlift::load {
namespace {

// The spool of letters that go to a file at once; chunks of a full load count from 0.
constexpr uint64_t kSpoolNumber = UINT64_MAX;

// Moves out what belongs to transactions up to `last`, in order.
template <typename Item>
std::vector<Item> TakeUpTo(std::vector<Item>& items, uint64_t last) {
  const auto later = std::stable_partition(
      items.begin(), items.end(), [&](const Item& item) { return item.transaction <= last; });
  std::vector<Item> taken(std::make_move_iterator(items.begin()), std::make_move_iterator(later));
  items.erase(items.begin(), later);
  return taken;
}

}  // namespace

bool ChangeLetters::allowed() const {
  std::lock_guard lock(mutex_);
  return budget_.max_errors() > 0 || skips_ > 0;
}

Result<bool> ChangeLetters::Take(int64_t record, std::string_view reason, std::string where) {
  if (budget_.Take()) return false;
  SL_ASSIGN(const bool skipped, TakeSkip());
  if (skipped) return true;
  std::string file;
  {
    std::lock_guard lock(mutex_);
    if (const auto table = tables_.find(record); table != tables_.end()) {
      file = table->second.file->path();
    }
  }
  Error error = RejectedRowError(budget_, reason, std::move(where), file);
  error.mend += "; `starlift skip TASK 1` leaves out just this one";
  return error;
}

// The state is told before the change is left out: if the task stops before a checkpoint has passed
// it, the change comes again, and must not take one of those that the user allows by then.
Result<bool> ChangeLetters::TakeSkip() {
  {
    std::lock_guard lock(mutex_);
    if (skips_ == 0) return false;
    --skips_;
    ++skips_used_;
    if (skips_again_ > 0) {
      --skips_again_;
      return true;
    }
  }
  SL_TRY(store_.CountSkip(task_, /*used=*/true));
  return true;
}

Status ChangeLetters::GiveSkipBack() {
  {
    std::lock_guard lock(mutex_);
    ++skips_;
    --skips_used_;
  }
  return store_.CountSkip(task_, /*used=*/false);
}

void ChangeLetters::Add(LeftOut left_out) {
  std::lock_guard lock(mutex_);
  for (ChangeLetter& letter : left_out.letters) {
    ++tables_[letter.record].letters;
    waiting_.letters.push_back(std::move(letter));
  }
  std::move(left_out.missing_rows.begin(), left_out.missing_rows.end(),
            std::back_inserter(waiting_.missing_rows));
}

uint64_t ChangeLetters::skips_left() const {
  std::lock_guard lock(mutex_);
  return skips_ - skips_again_;
}

uint64_t ChangeLetters::CountOf(int64_t record) const {
  std::lock_guard lock(mutex_);
  const auto found = tables_.find(record);
  return found == tables_.end() ? 0 : found->second.letters;
}

Status ChangeLetters::Open(int64_t task) {
  SL_ASSIGN(const state::SkipRecord skips, store_.GetSkips(task));
  std::lock_guard lock(mutex_);
  task_ = task;
  skips_ = skips.allowed;
  skips_again_ = std::min(skips.used, skips.allowed);
  return {};
}

Status ChangeLetters::OpenTable(int64_t record) {
  {
    std::lock_guard lock(mutex_);
    if (tables_.contains(record)) return {};
  }
  // As it is now: the full load may have ended since the caller read it.
  SL_ASSIGN(const state::TableRecord stored, store_.GetTable(record));
  auto file = std::make_unique<DeadLetterFile>(options_.dead_letter_directory, stored.source,
                                               stored.dead_letter_bytes);
  SL_TRY(file->Recover());
  budget_.AddTaken(stored.done.rows_rejected);
  std::lock_guard lock(mutex_);
  tables_[record] = {std::move(file), stored.done.rows_rejected};
  return {};
}

Status ChangeLetters::SetSkips(uint64_t skips) {
  std::lock_guard lock(mutex_);
  const uint64_t in_hand = skips + skips_again_;
  SL_TRY(store_.SetSkips(task_, in_hand + skips_used_));
  skips_ = in_hand;
  return {};
}

ChangeLetters::Due ChangeLetters::TakeDue(uint64_t durable, const CommitLedger& ledger) {
  std::lock_guard lock(mutex_);
  Due due;
  for (ChangeLetter& letter : TakeUpTo(waiting_.letters, durable)) {
    Position position = ledger.PositionAfter(letter.transaction);
    due.letters.emplace_back(std::move(letter), std::move(position));
  }
  due.missing_rows = TakeUpTo(waiting_.missing_rows, durable);
  return due;
}

Status ChangeLetters::Write(const Due& due, state::CheckpointUpdate& update) {
  std::map<int64_t, std::pair<std::unique_ptr<DeadLetterSpool>, uint64_t>> spools;
  for (const auto& [letter, position] : due.letters) {
    auto& [spool, rows] = spools[letter.record];
    if (!spool) {
      std::lock_guard lock(mutex_);
      const DeadLetterFile& file = *tables_.at(letter.record).file;
      spool = std::make_unique<DeadLetterSpool>(file.SpoolPath(kSpoolNumber));
    }
    SL_TRY(spool->Append(WithPosition(letter.line, position)));
    ++rows;
    update.skips_used += letter.skipped ? 1 : 0;
  }
  const auto file_of = [&](int64_t record) -> DeadLetterFile& {
    std::lock_guard lock(mutex_);
    return *tables_.at(record).file;
  };
  for (const auto& [record, spooled] : spools) {
    DeadLetterFile& file = file_of(record);
    SL_ASSIGN(const uint64_t bytes, file.Prepare(*spooled.first));
    update.dead_letters.push_back({record, spooled.second, bytes});
    LogWarning("{} changes were left out: see {}", spooled.second, file.path());
  }
  for (const MissingRowChange& change : due.missing_rows) {
    update.missing_rows.push_back({change.table, change.key, change.missing});
  }
  return {};
}

void ChangeLetters::CountNow(const Due& due, const state::CheckpointUpdate& update) {
  {
    std::lock_guard lock(mutex_);
    for (const auto& [letter, position] : due.letters) ++tables_[letter.record].letters;
  }
  Counted(update);
}

void ChangeLetters::Counted(const state::CheckpointUpdate& update) {
  std::lock_guard lock(mutex_);
  skips_used_ -= update.skips_used;
  for (const state::DeadLetterUpdate& letters : update.dead_letters) {
    tables_.at(letters.table).file->Count(letters.file_bytes);
  }
}

}  // namespace starlift::load
