#include "state/records.h"

#include <fmt/format.h>

namespace starlift::state {

std::string_view PhaseName(Phase phase) {
  switch (phase) {
    case Phase::kStructure:
      return "structure";
    case Phase::kFull:
      return "full";
    case Phase::kIncremental:
      return "incremental";
    case Phase::kVerification:
      return "verification";
    case Phase::kCorrection:
      return "correction";
  }
  return "?";
}

std::string MakeLabel(std::string_view task_key, std::string_view table_key, uint64_t sequence) {
  return fmt::format("sl_{}_{}_{}", task_key, table_key, sequence);
}

}  // namespace starlift::state
