#include "load/changes/load_steps.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/log.h"

namespace starlift::load {

using std::chrono::milliseconds;

Result<NextStep> StepPatience::AfterFailure(starrocks::BackOff back_off, const std::string& what,
                                            const std::string& mend) {
  const milliseconds now = environment_.clock.Now();
  if (!failing_since_) failing_since_ = now;
  ++failures_;
  progress_.retries.fetch_add(1, std::memory_order_relaxed);
  const milliseconds failing_for = now - *failing_since_;
  if (failing_for >= give_up_after_) {
    return Error{ErrorKind::kUnreachable,
                 fmt::format("{} (tried for {:.1f} s)", what,
                             static_cast<double>(failing_for.count()) / 1e3)}
        .Mend(mend.empty() ? "see that the target runs and can be reached from here; run the same "
                             "command to go on"
                           : mend);
  }
  if (back_off == starrocks::BackOff::kNone) back_off = starrocks::BackOff::kShort;
  milliseconds wait = starrocks::BackOffDelay(back_off, failures_);
  wait += milliseconds(environment_.random.Next() % (static_cast<uint64_t>(wait.count()) / 4 + 1));
  wait = std::clamp(wait, milliseconds(1), give_up_after_ - failing_for + milliseconds(1));
  LogWarning("{}; trying again in {:.1f} s{}{}", what, static_cast<double>(wait.count()) / 1e3,
             mend.empty() ? "" : ". To mend it: ", mend);
  return NextStep(wait);
}

}  // namespace starlift::load
