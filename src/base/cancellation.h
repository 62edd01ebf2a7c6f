#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>

namespace starlift {

// Asks long work to stop. One per task; every blocking step looks at it. Thread-safe.
class Cancellation {
 public:
  void Request() {
    {
      std::lock_guard lock(mutex_);
      requested_.store(true, std::memory_order_release);
    }
    changed_.notify_all();
  }
  bool requested() const { return requested_.load(std::memory_order_acquire); }

  // Sleeps, but not past a request. True if the full time was slept.
  bool SleepFor(std::chrono::milliseconds duration) const {
    std::unique_lock lock(mutex_);
    return !changed_.wait_for(lock, duration, [&] { return requested(); });
  }

 private:
  std::atomic<bool> requested_{false};
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
};

}  // namespace starlift
