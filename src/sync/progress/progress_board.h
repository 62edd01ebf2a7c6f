#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "load/progress.h"
#include "state/records.h"

namespace starlift::sync {

enum class TableState {
  kWaiting,
  kReading,  // rows are being read or are on their way
  kDone,
  kFailed,
};
std::string_view TableStateName(TableState state);

// One table's numbers at one moment.
struct TableProgress {
  std::string source;  // `db`.`table`
  std::string target;
  TableState state = TableState::kWaiting;
  uint64_t rows_estimate = 0;
  uint64_t rows_read = 0;
  uint64_t bytes_read = 0;  // as batches: payload
  uint64_t rows_loaded = 0;
  uint64_t bytes_loaded = 0;   // as sent, before compression
  uint64_t rows_filtered = 0;  // went to dead letters
  uint64_t rows_before = 0;    // loaded by earlier runs of the task
  std::chrono::milliseconds elapsed{0};
};

struct ProgressTotals {
  size_t tables = 0;
  size_t tables_done = 0;
  uint64_t rows_estimate = 0;
  uint64_t rows_read = 0;
  uint64_t bytes_read = 0;
  uint64_t rows_loaded = 0;
  uint64_t bytes_loaded = 0;
  uint64_t rows_filtered = 0;
  uint64_t rows_before = 0;
};

struct ProgressSnapshot {
  std::string phase;
  std::chrono::milliseconds elapsed{0};
  std::vector<TableProgress> tables;
  ProgressTotals totals;
};

// The numbers of a run, for whoever shows them. Thread-safe. Rows are counted by the loader, in
// counters that are followed here.
class ProgressBoard {
 public:
  explicit ProgressBoard(Clock& clock) : clock_(clock), started_(clock.Now()) {}

  // `before`: what earlier runs loaded.
  size_t AddTable(std::string source, std::string target, uint64_t rows_estimate,
                  const state::TableCounters& before);
  // `phase` must live as long as the board.
  void SetPhase(const char* phase) { phase_ = phase; }

  // `counters` go on from `before`. The board shares them: it is read after the loader is gone.
  void Start(size_t table, std::shared_ptr<const load::TableProgress> counters);
  void End(size_t table, TableState state);

  ProgressSnapshot Take() const;

 private:
  struct Entry {
    std::string source, target;
    uint64_t rows_estimate = 0;
    state::TableCounters before;
    TableState state = TableState::kWaiting;
    std::shared_ptr<const load::TableProgress> counters;
    std::optional<std::chrono::milliseconds> started, ended;
  };

  Clock& clock_;
  const std::chrono::milliseconds started_;
  std::atomic<const char*> phase_{""};
  // Tables begin and end seldom; what is counted for each row lies behind `counters`.
  mutable std::mutex mutex_;
  std::vector<Entry> entries_;
};

// Rows and bytes per second over the last seconds, and what they promise. Used by one thread.
class RateMeter {
 public:
  struct Rates {
    double rows_per_second = 0;
    double bytes_per_second = 0;
    std::optional<std::chrono::milliseconds> remaining;  // nullopt: can't be told
  };

  Rates Measure(const ProgressSnapshot& snapshot);

 private:
  struct Sample {
    std::chrono::milliseconds at{0};
    uint64_t rows = 0, bytes = 0;
  };
  std::deque<Sample> samples_;
};

// Rows that are still to come by the estimates: none for tables that are done, and never less than
// none for those that turn out larger.
uint64_t EstimateRemainingRows(const ProgressSnapshot& snapshot);

}  // namespace starlift::sync
