#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "data/table.h"
#include "sync/verify/row_shape.h"
#include "sync/verify/row_side.h"

namespace starlift::sync {

enum class DifferenceKind {
  kMissing,    // at the source only
  kDifferent,  // on both sides, with other values
  kExtra,      // at the target only
};
std::string_view DifferenceKindName(DifferenceKind kind);

// The rows of one key that differ, as both sides hold them. A table without a primary key may have
// several of a key, also equal ones.
struct RowDifference {
  DifferenceKind kind = DifferenceKind::kDifferent;
  RowKey key;
  std::vector<std::vector<StoredValue>> source;
  std::vector<std::vector<StoredValue>> target;
};

// How rows were compared.
enum class ComparisonMethod { kChecksums, kRows, kCounts };
std::string_view ComparisonMethodName(ComparisonMethod method);

inline constexpr size_t kRefusalsShown = 3;

// What verification says of one target table. Plain data.
struct TableResult {
  std::string target;                // "`shop`.`orders`"
  std::vector<std::string> sources;  // "shop.orders"
  bool absent = false;               // the target has no such table
  RowShape shape;

  ComparisonMethod method = ComparisonMethod::kChecksums;
  uint64_t source_rows = 0;  // compared
  uint64_t target_rows = 0;
  uint64_t ranges = 0;
  uint64_t ranges_skipped = 0;  // by sampling
  uint64_t ranges_read = 0;     // row by row, as the checksums differed or there were none

  uint64_t missing = 0;
  uint64_t different = 0;
  uint64_t extra = 0;
  // Rows that no load can carry (too long, impossible values), with some of the reasons. They can't
  // be at the target, so they count as a difference.
  uint64_t refused = 0;
  std::vector<std::string> refusals;
  // Keys whose rows changed each time they were looked at: nothing can be said of them.
  uint64_t unsettled = 0;

  // With their values, as many as are kept; the counts above are of all.
  std::vector<RowDifference> differences;
  bool differences_complete = true;
  std::chrono::milliseconds took{0};

  // Adds what was found in other ranges of the same table.
  void Add(TableResult&& part);
  // Once all are added: how many there were in all, those included that sampling has left out.
  void SetRanges(uint64_t all, uint64_t skipped);

  uint64_t count_difference() const {
    return source_rows > target_rows ? source_rows - target_rows : target_rows - source_rows;
  }
  uint64_t differing() const {
    const uint64_t rows = missing + different + extra + refused;
    return method == ComparisonMethod::kCounts ? count_difference() : rows;
  }
  bool equal() const { return differing() == 0 && !absent; }
};

}  // namespace starlift::sync
