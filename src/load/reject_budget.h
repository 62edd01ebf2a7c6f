#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace starlift::load {

// Rows of the task that may still go to dead letters. Thread-safe.
class RejectBudget {
 public:
  explicit RejectBudget(uint64_t max_errors) : max_errors_(max_errors) {}

  // False: that is one too many.
  bool Take() {
    if (taken_.fetch_add(1, std::memory_order_relaxed) < max_errors_) return true;
    taken_.fetch_sub(1, std::memory_order_relaxed);
    return false;
  }
  // Rows of earlier runs.
  void AddTaken(uint64_t rows) { taken_.fetch_add(rows, std::memory_order_relaxed); }
  // Of a chunk that will be read again.
  void GiveBack(uint64_t rows) { taken_.fetch_sub(rows, std::memory_order_relaxed); }

  uint64_t max_errors() const { return max_errors_; }

 private:
  const uint64_t max_errors_;
  std::atomic<uint64_t> taken_{0};
};

// Why the task stops at a row that may not go to dead letters. `where` names it, `file` is its
// table's dead-letter file.
Error RejectedRowError(const RejectBudget& budget, std::string_view reason, std::string where,
                       std::string_view file);

}  // namespace starlift::load
