#include "load/patience.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/log.h"
#include "base/quantity.h"

namespace starlift::load {
namespace {

using std::chrono::milliseconds;

// Waits are cut into pieces, so that work that nobody wants any more ends soon.
constexpr milliseconds kLongestSleep{500};

// Many loads that fail together shouldn't come back together: 75 % to 125 %.
milliseconds Jitter(milliseconds wait, Random& random) {
  return wait * (75 + static_cast<int64_t>(random.Next() % 51)) / 100;
}

}  // namespace

Error StoppedError() { return Error{ErrorKind::kCancelled, "stopped by request"}; }

Patience::~Patience() { Renew(); }

void Patience::Renew() {
  if (failing_since_) progress_.throttle.store(Throttle::kNone, std::memory_order_relaxed);
  failing_since_.reset();
  failures_ = 0;
}

bool Patience::unwanted() const {
  return environment_.cancellation.requested() || (unwanted_ && unwanted_());
}

Status Patience::Wait(milliseconds duration) {
  while (duration > milliseconds(0)) {
    if (unwanted()) return StoppedError();
    const milliseconds piece = std::min(duration, kLongestSleep);
    environment_.clock.Sleep(piece, environment_.cancellation);
    duration -= piece;
  }
  if (unwanted()) return StoppedError();
  return {};
}

Status Patience::WaitAfterFailure(starrocks::BackOff back_off, const std::string& what,
                                  const std::string& mend) {
  const milliseconds now = environment_.clock.Now();
  if (!failing_since_) failing_since_ = now;
  ++failures_;
  progress_.retries.fetch_add(1, std::memory_order_relaxed);
  const milliseconds failing_for = now - *failing_since_;
  if (failing_for >= give_up_after_) {
    return Error{ErrorKind::kUnreachable,
                 fmt::format("{} (tried for {})", what, FormatDuration(failing_for))}
        .Mend(mend.empty() ? "see that the target runs and can be reached from here; run the same "
                             "command to go on"
                           : mend);
  }
  if (back_off == starrocks::BackOff::kNone) back_off = starrocks::BackOff::kShort;
  const milliseconds wait =
      std::min(Jitter(starrocks::BackOffDelay(back_off, failures_), environment_.random),
               give_up_after_ - failing_for);
  LogWarning("{}; trying again in {:.1f} s{}{}", what, static_cast<double>(wait.count()) / 1e3,
             mend.empty() ? "" : ". To mend it: ", mend);
  ShowThrottle(back_off);
  return Wait(wait);
}

void Patience::ShowThrottle(starrocks::BackOff back_off) {
  Throttle throttle = Throttle::kRetrying;
  if (back_off == starrocks::BackOff::kLong) throttle = Throttle::kTargetBusy;
  if (back_off == starrocks::BackOff::kOperator) throttle = Throttle::kOperator;
  progress_.throttle.store(throttle, std::memory_order_relaxed);
}

}  // namespace starlift::load
