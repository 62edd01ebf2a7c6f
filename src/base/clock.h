#pragma once

#include <chrono>
#include <cstdint>

#include "base/cancellation.h"

namespace starlift {

// Time as the engine sees it; a simulation brings its own. Thread-safe.
class Clock {
 public:
  using Milliseconds = std::chrono::milliseconds;

  virtual ~Clock() = default;

  // Since some fixed moment; never goes back. For durations and deadlines.
  virtual Milliseconds Now() const = 0;
  // Since 1970-01-01 UTC. For what people read.
  virtual Milliseconds WallTime() const = 0;
  // True if the full time was slept, false if the cancellation ended it.
  virtual bool Sleep(Milliseconds duration, const Cancellation& cancellation) = 0;
};

// The machine's clock.
Clock& SystemClock();

}  // namespace starlift
