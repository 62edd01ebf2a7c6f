#include "load/changes/commit_ledger.h"

#include <algorithm>

namespace starlift::load {
namespace {

// Positions kept at most: a slow table may hold the checkpoint back for millions of commits.
constexpr size_t kMostEntries = 4096;

}  // namespace

void CommitLedger::Commit(const CommitPoint& point) {
  ++last_;
  entries_.push_back({last_, point});
  if (entries_.size() > kMostEntries) Thin();
}

// Below the newest durable place none is needed any more; above it every second is enough to go on
// from, and the newest is always kept.
void CommitLedger::Thin() {
  if (const auto durable = Durable()) Forget(durable->commit - 1);
  if (entries_.size() <= kMostEntries) return;
  std::deque<Entry> kept = {entries_.front()};
  for (size_t i = entries_.size() % 2 == 0 ? 1 : 2; i < entries_.size(); i += 2) {
    kept.push_back(std::move(entries_[i]));
  }
  entries_ = std::move(kept);
}

std::optional<CommitLedger::Place> CommitLedger::Durable() const {
  const uint64_t below = pins_.empty() ? current() : *pins_.begin();
  const auto after = std::partition_point(entries_.begin(), entries_.end(),
                                          [&](const Entry& entry) { return entry.number < below; });
  if (after == entries_.begin()) return std::nullopt;
  const Entry& entry = *std::prev(after);
  return Place{entry.number, entry.point.resume, entry.point.commit_unix_us};
}

Position CommitLedger::PositionAfter(uint64_t transaction) const {
  const auto entry = std::partition_point(
      entries_.begin(), entries_.end(), [&](const Entry& one) { return one.number < transaction; });
  return entry == entries_.end() ? Position() : entry->point.resume;
}

void CommitLedger::Forget(uint64_t commit) {
  while (!entries_.empty() && entries_.front().number <= commit) entries_.pop_front();
}

int64_t CommitLedger::oldest_pending_unix_us() const {
  if (pins_.empty()) return 0;
  const auto pending =
      std::partition_point(entries_.begin(), entries_.end(),
                           [&](const Entry& entry) { return entry.number < *pins_.begin(); });
  return pending == entries_.end() ? 0 : pending->point.commit_unix_us;
}

}  // namespace starlift::load
