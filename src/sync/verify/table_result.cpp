#include "sync/verify/table_result.h"

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

}  // namespace starlift::sync
