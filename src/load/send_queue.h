#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace starlift::load {

// Jobs of one lane run one at a time, in order.
struct SendLane {
  uint64_t pushed = 0;  // under the queue's lock, as is the other
  uint64_t done = 0;
};

// Runs sends on a fixed set of threads, oldest first. At most `large_at_once` large ones run at a
// time; the other threads are for small ones, whose time is waiting, not work. Thread-safe.
class SendQueue {
 public:
  struct Job {
    std::function<void()> run;
    bool large = false;
    std::shared_ptr<SendLane> lane;  // null: any order
    uint64_t number_in_lane = 0;     // set by Push
  };

  // 0: no threads; Push runs the job.
  explicit SendQueue(uint32_t large_at_once);
  // Runs what is queued, then ends.
  ~SendQueue();

  void Push(Job job);

 private:
  void Work();
  // Under the lock: the first job that may run now.
  std::deque<Job>::iterator FindRunnable();

  const uint32_t large_at_once_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Job> jobs_;
  uint32_t large_running_ = 0;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace starlift::load
