#pragma once

#include <algorithm>
#include <chrono>
#include <string_view>

#include <fmt/format.h>

#include "base/cancellation.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/result.h"

namespace starlift::sync {

// How long an end that doesn't answer is tried again. Immutable; shared by the run's threads.
struct RetryPolicy {
  Clock& clock;
  const Cancellation& cancellation;
  std::chrono::milliseconds give_up_after;
  std::chrono::milliseconds first_wait{200};
  std::chrono::milliseconds longest_wait{10'000};
};

inline Error CancelledError() { return Error{ErrorKind::kCancelled, "stopped by request"}; }

// Calls `attempt` (→ Result<T>) until it ends with anything but kUnreachable, or until it has
// failed for as long as the policy says; its last error is the result then. `progressed` (→ bool)
// says whether an attempt that failed got further than the ones before: then the patience starts
// anew.
template <typename Attempt, typename Progressed>
auto RetryUnreachable(const RetryPolicy& policy, std::string_view what, const Attempt& attempt,
                      const Progressed& progressed) -> decltype(attempt()) {
  auto failing_since = policy.clock.Now();
  auto wait = policy.first_wait;
  while (true) {
    if (policy.cancellation.requested()) return CancelledError();
    auto result = attempt();
    if (result.ok() || result.error().kind != ErrorKind::kUnreachable) return result;
    if (policy.cancellation.requested()) return CancelledError();
    if (progressed()) {
      failing_since = policy.clock.Now();
      wait = policy.first_wait;
    }
    const auto failing_for = policy.clock.Now() - failing_since;
    if (failing_for >= policy.give_up_after) {
      Error error = std::move(result).error();
      if (error.where.empty()) error.where = what;
      if (error.mend.empty()) {
        error.mend = "see that it runs and can be reached from here; run the same command to go on";
      }
      return error;
    }
    LogWarning("{}: {}; trying again in {:.1f} s", what, result.error().message,
               static_cast<double>(wait.count()) / 1e3);
    policy.clock.Sleep(std::min(wait, policy.give_up_after - failing_for), policy.cancellation);
    wait = std::min(wait * 2, policy.longest_wait);
  }
}

template <typename Attempt>
auto RetryUnreachable(const RetryPolicy& policy, std::string_view what, const Attempt& attempt)
    -> decltype(attempt()) {
  return RetryUnreachable(policy, what, attempt, [] { return false; });
}

}  // namespace starlift::sync
