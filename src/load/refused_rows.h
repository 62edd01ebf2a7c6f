#pragma once

#include <atomic>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "load/body_rows.h"
#include "starrocks/load_target.h"

namespace starlift::load {

// Rows of a keyless table that the target has refused, by their encoded text: left out when the
// table is read again. Thread-safe.
class RefusedRows {
 public:
  // How many of them are new.
  size_t Add(const std::vector<starrocks::RefusedRow>& rows, starrocks::LoadFormat format) {
    std::lock_guard lock(mutex_);
    size_t added = 0;
    for (const starrocks::RefusedRow& row : rows) {
      const std::string_view text = WithoutRowEnd(row.row, format);
      if (text.empty()) continue;
      added += reasons_.emplace(text, row.reason).second ? 1 : 0;
    }
    empty_.store(reasons_.empty(), std::memory_order_release);
    return added;
  }

  bool empty() const { return empty_.load(std::memory_order_acquire); }

  // Why this row was refused; nullopt if it wasn't.
  std::optional<std::string> Find(std::string_view text) const {
    std::lock_guard lock(mutex_);
    const auto found = reasons_.find(std::string(text));
    if (found == reasons_.end()) return std::nullopt;
    return found->second;
  }

 private:
  mutable std::mutex mutex_;
  std::unordered_map<std::string, std::string> reasons_;
  std::atomic<bool> empty_{true};
};

}  // namespace starlift::load
