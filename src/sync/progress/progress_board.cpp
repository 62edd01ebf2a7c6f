#include "sync/progress/progress_board.h"

#include <algorithm>

namespace starlift::sync {
namespace {

constexpr std::chrono::milliseconds kRateWindow{10'000};
constexpr double kSlowestRate = 1e-9;  // below, no time remaining is worth showing

uint64_t Beyond(uint64_t now, uint64_t before) { return now > before ? now - before : 0; }

}  // namespace

std::string_view TableStateName(TableState state) {
  switch (state) {
    case TableState::kWaiting:
      return "waiting";
    case TableState::kReading:
      return "reading";
    case TableState::kDone:
      return "done";
    case TableState::kFailed:
      return "failed";
  }
  return "waiting";
}

size_t ProgressBoard::AddTable(std::string source, std::string target, uint64_t rows_estimate,
                               const state::TableCounters& before) {
  std::lock_guard lock(mutex_);
  Entry& entry = entries_.emplace_back();
  entry.source = std::move(source);
  entry.target = std::move(target);
  entry.rows_estimate = rows_estimate;
  entry.before = before;
  return entries_.size() - 1;
}

void ProgressBoard::Start(size_t table, std::shared_ptr<const load::TableProgress> counters) {
  std::lock_guard lock(mutex_);
  Entry& entry = entries_[table];
  if (!entry.started) entry.started = clock_.Now();
  entry.counters = std::move(counters);
  entry.state = TableState::kReading;
}

void ProgressBoard::End(size_t table, TableState state) {
  std::lock_guard lock(mutex_);
  Entry& entry = entries_[table];
  entry.ended = clock_.Now();
  entry.state = state;
}

ProgressSnapshot ProgressBoard::Take() const {
  ProgressSnapshot snapshot;
  std::lock_guard lock(mutex_);
  const std::chrono::milliseconds now = clock_.Now();
  snapshot.phase = phase_.load();
  snapshot.elapsed = now - started_;
  snapshot.tables.reserve(entries_.size());
  ProgressTotals& totals = snapshot.totals;
  for (const Entry& entry : entries_) {
    TableProgress& table = snapshot.tables.emplace_back();
    table.source = entry.source;
    table.target = entry.target;
    table.state = entry.state;
    table.rows_estimate = entry.rows_estimate;
    table.rows_before = entry.before.rows_loaded;
    if (const load::TableProgress* counters = entry.counters.get(); counters != nullptr) {
      table.rows_read = Beyond(counters->rows_read, entry.before.rows_read);
      table.bytes_read = Beyond(counters->bytes_read, entry.before.bytes_read);
      table.rows_loaded = Beyond(counters->rows_loaded, entry.before.rows_loaded);
      table.bytes_loaded = counters->bytes_sent;
      table.rows_filtered = Beyond(counters->rows_rejected, entry.before.rows_rejected);
    }
    if (entry.started) table.elapsed = entry.ended.value_or(now) - *entry.started;
    ++totals.tables;
    if (table.state == TableState::kDone) ++totals.tables_done;
    totals.rows_estimate += table.rows_estimate;
    totals.rows_read += table.rows_read;
    totals.bytes_read += table.bytes_read;
    totals.rows_loaded += table.rows_loaded;
    totals.bytes_loaded += table.bytes_loaded;
    totals.rows_filtered += table.rows_filtered;
    totals.rows_before += table.rows_before;
  }
  return snapshot;
}

uint64_t EstimateRemainingRows(const ProgressSnapshot& snapshot) {
  uint64_t remaining = 0;
  for (const TableProgress& table : snapshot.tables) {
    if (table.state == TableState::kDone) continue;
    const uint64_t behind = table.rows_read + table.rows_before;
    if (table.rows_estimate > behind) remaining += table.rows_estimate - behind;
  }
  return remaining;
}

RateMeter::Rates RateMeter::Measure(const ProgressSnapshot& snapshot) {
  samples_.push_back({snapshot.elapsed, snapshot.totals.rows_read, snapshot.totals.bytes_read});
  while (samples_.size() > 2 && samples_.back().at - samples_[1].at >= kRateWindow) {
    samples_.pop_front();
  }
  Rates rates;
  const Sample& first = samples_.front();
  const Sample& last = samples_.back();
  const double seconds = static_cast<double>((last.at - first.at).count()) / 1e3;
  if (seconds > 0) {
    rates.rows_per_second = static_cast<double>(last.rows - first.rows) / seconds;
    rates.bytes_per_second = static_cast<double>(last.bytes - first.bytes) / seconds;
  }
  const uint64_t remaining = EstimateRemainingRows(snapshot);
  if (rates.rows_per_second > kSlowestRate && snapshot.totals.rows_estimate > 0) {
    const double milliseconds = static_cast<double>(remaining) / rates.rows_per_second * 1e3;
    if (milliseconds < 1e15) {
      rates.remaining = std::chrono::milliseconds(static_cast<int64_t>(milliseconds));
    }
  }
  return rates;
}

}  // namespace starlift::sync
