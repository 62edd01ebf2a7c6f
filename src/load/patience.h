#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "base/result.h"
#include "load/environment.h"
#include "load/progress.h"
#include "starrocks/load_outcome.h"

namespace starlift::load {

// How often and how long one piece of work is tried again. Used by one thread.
class Patience {
 public:
  // `unwanted` (may be empty) says that the work needn't be finished any more.
  Patience(const LoadEnvironment& environment, LoaderProgress& progress,
           std::chrono::milliseconds give_up_after, std::function<bool()> unwanted)
      : environment_(environment),
        progress_(progress),
        give_up_after_(give_up_after),
        unwanted_(std::move(unwanted)) {}
  ~Patience();
  Patience(const Patience&) = delete;
  Patience& operator=(const Patience&) = delete;

  // Call after a failed attempt: waits before the next. kCancelled if there should be none,
  // kUnreachable with `what` and `mend` if it has failed for too long.
  Status WaitAfterFailure(starrocks::BackOff back_off, const std::string& what,
                          const std::string& mend);

  // The work got on: what fails after this is tried as long and as often again.
  void Renew();

  // Waits for something that isn't a failure. kCancelled if it isn't wanted any more.
  Status Wait(std::chrono::milliseconds duration);

  bool unwanted() const;

 private:
  void ShowThrottle(starrocks::BackOff back_off);

  const LoadEnvironment& environment_;
  LoaderProgress& progress_;
  const std::chrono::milliseconds give_up_after_;
  const std::function<bool()> unwanted_;
  std::optional<std::chrono::milliseconds> failing_since_;
  int failures_ = 0;
};

Error StoppedError();

}  // namespace starlift::load
