#pragma once

#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "starrocks/load_target.h"

namespace starlift::load {

// Finds which rows of a body an error log means: rows stand there as they were sent, possibly cut.
// The log must outlive it.
class RefusedRowIndex {
 public:
  RefusedRowIndex(const std::vector<starrocks::RefusedRow>& refused, starrocks::LoadFormat format);

  // Null if the log doesn't hold this row as a whole.
  const starrocks::RefusedRow* FindExact(std::string_view row) const;

  // The rows that alone begin with a logged text, each with what was logged.
  std::vector<std::pair<size_t, const starrocks::RefusedRow*>> FindCut(
      const std::vector<std::string_view>& rows) const;

 private:
  starrocks::LoadFormat format_;
  std::unordered_map<std::string_view, const starrocks::RefusedRow*> by_text_;
};

}  // namespace starlift::load
