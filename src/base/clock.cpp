#include "base/clock.h"

namespace starlift {
namespace {

class MachineClock : public Clock {
 public:
  Milliseconds Now() const override {
    return std::chrono::duration_cast<Milliseconds>(
        std::chrono::steady_clock::now().time_since_epoch());
  }
  Milliseconds WallTime() const override {
    return std::chrono::duration_cast<Milliseconds>(
        std::chrono::system_clock::now().time_since_epoch());
  }
  bool Sleep(Milliseconds duration, const Cancellation& cancellation) override {
    return cancellation.SleepFor(duration);
  }
};

}  // namespace

Clock& SystemClock() {
  static MachineClock clock;
  return clock;
}

}  // namespace starlift
