#include "starrocks/load_outcome.h"

#include <algorithm>

namespace starlift::starrocks {

std::string_view LoadVerdictName(LoadVerdict verdict) {
  switch (verdict) {
    case LoadVerdict::kLoaded:
      return "loaded";
    case LoadVerdict::kCommittedNotVisible:
      return "committed, not yet visible";
    case LoadVerdict::kNothingToLoad:
      return "nothing to load";
    case LoadVerdict::kRetry:
      return "to be retried";
    case LoadVerdict::kInDoubt:
      return "in doubt";
    case LoadVerdict::kRowsRefused:
      return "rows refused";
    case LoadVerdict::kTooLarge:
      return "too large";
    case LoadVerdict::kConfigRefused:
      return "refused";
    case LoadVerdict::kSchemaDrift:
      return "table changed";
  }
  return "";
}

std::chrono::milliseconds BackOffDelay(BackOff back_off, int attempt) {
  using std::chrono::milliseconds;
  const int doublings = std::clamp(attempt - 1, 0, 16);
  const auto doubled = [&](milliseconds first, milliseconds most) {
    return std::min(most, first * (int64_t{1} << doublings));
  };
  switch (back_off) {
    case BackOff::kNone:
      return milliseconds(0);
    case BackOff::kShort:
      return doubled(milliseconds(200), milliseconds(10'000));
    case BackOff::kLong:
      return doubled(milliseconds(10'000), milliseconds(120'000));
    case BackOff::kOperator:
      return milliseconds(60'000);
  }
  return milliseconds(0);
}

std::string_view LabelStateName(LabelState state) {
  switch (state) {
    case LabelState::kUnknown:
      return "UNKNOWN";
    case LabelState::kPreparing:
      return "PREPARE";
    case LabelState::kPrepared:
      return "PREPARED";
    case LabelState::kCommitted:
      return "COMMITTED";
    case LabelState::kVisible:
      return "VISIBLE";
    case LabelState::kAborted:
      return "ABORTED";
  }
  return "";
}

}  // namespace starlift::starrocks
