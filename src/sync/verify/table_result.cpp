#include "sync/verify/table_result.h"

#include <iterator>
#include <utility>

namespace starlift::sync {

std::string_view DifferenceKindName(DifferenceKind kind) {
  switch (kind) {
    case DifferenceKind::kMissing:
      return "missing";
    case DifferenceKind::kDifferent:
      return "different";
    case DifferenceKind::kExtra:
      return "extra";
  }
  return "different";
}

std::string_view ComparisonMethodName(ComparisonMethod method) {
  switch (method) {
    case ComparisonMethod::kChecksums:
      return "checksums";
    case ComparisonMethod::kRows:
      return "rows";
    case ComparisonMethod::kCounts:
      return "counts";
  }
  return "rows";
}

void TableResult::Add(TableResult&& part) {
  source_rows += part.source_rows;
  target_rows += part.target_rows;
  ranges_read += part.ranges_read;
  missing += part.missing;
  different += part.different;
  extra += part.extra;
  refused += part.refused;
  for (std::string& why : part.refusals) {
    if (refusals.size() < kRefusalsShown) refusals.push_back(std::move(why));
  }
  unsettled += part.unsettled;
  std::move(part.differences.begin(), part.differences.end(), std::back_inserter(differences));
  differences_complete = differences_complete && part.differences_complete;
}

void TableResult::SetRanges(uint64_t all, uint64_t skipped) {
  ranges = all;
  ranges_skipped = skipped;
  method = ranges_read > 0 && ranges_read == all - skipped ? ComparisonMethod::kRows
                                                           : ComparisonMethod::kChecksums;
}

}  // namespace starlift::sync
