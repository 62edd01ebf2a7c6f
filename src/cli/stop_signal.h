#pragma once

#include <atomic>
#include <memory>
#include <thread>

#include "base/cancellation.h"

namespace starlift::cli {

// SIGINT and SIGTERM as a Cancellation. Made once, first thing in main(), before any other thread,
// so that every thread inherits the blocked mask and the signals reach only the one that waits for
// them. The first signal asks the work to stop in order; the second ends the process at once, and
// so does a stop that takes longer than 27 s. SIGPIPE is ignored: a peer that went away shows as an
// error of the write.
class StopSignal {
 public:
  StopSignal();
  ~StopSignal();
  StopSignal(const StopSignal&) = delete;
  StopSignal& operator=(const StopSignal&) = delete;

  const Cancellation& cancellation() const { return cancellation_; }
  // 130 after SIGINT, 143 after SIGTERM, 0 as long as there was none.
  int exit_code() const;

 private:
  void WaitForSignals();

  Cancellation cancellation_;
  std::atomic<int> signal_{0};
  std::atomic<bool> ending_{false};
  std::thread waiter_;
};

}  // namespace starlift::cli
