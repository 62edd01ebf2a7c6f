#pragma once

#include <cstdint>
#include <functional>

#include "base/result.h"
#include "state/admission_store.h"

namespace starlift::sync {

class IncrementalPhase;

// Tables on their way into a task, for a run of these alone.
struct AdmissionRun {
  int64_t into = 0;  // the task
  state::AdmissionRecord record;
  // Follows changes, in the place of IncrementalPhase::Run.
  std::function<Result<bool>(IncrementalPhase& phase)> follow;
};

}  // namespace starlift::sync
