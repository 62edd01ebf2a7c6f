#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "base/result.h"
#include "load/environment.h"
#include "load/progress.h"
#include "starrocks/load_outcome.h"

namespace starlift::load {

// What a piece of work that goes on in steps wants next: nothing, as it is done, or another step
// after this time.
using NextStep = std::optional<std::chrono::milliseconds>;
inline constexpr NextStep kStepsDone = std::nullopt;

// How long and how often a stepped load is tried again: load/patience.h without its waiting, so
// that one thread can serve many. Used by one thread at a time.
class StepPatience {
 public:
  StepPatience(const LoadEnvironment& environment, LoaderProgress& progress,
               std::chrono::milliseconds give_up_after)
      : environment_(environment), progress_(progress), give_up_after_(give_up_after) {}

  // After a failed attempt: the wait before the next. kUnreachable with `what` and `mend` if it has
  // failed for too long.
  Result<NextStep> AfterFailure(starrocks::BackOff back_off, const std::string& what,
                                const std::string& mend);
  // The work got on.
  void Renew() {
    failing_since_.reset();
    failures_ = 0;
  }

 private:
  const LoadEnvironment& environment_;
  LoaderProgress& progress_;
  const std::chrono::milliseconds give_up_after_;
  std::optional<std::chrono::milliseconds> failing_since_;
  int failures_ = 0;
};

}  // namespace starlift::load
