#include "load/send_queue.h"

#include <algorithm>
#include <utility>

namespace starlift::load {
namespace {

constexpr uint32_t kThreadsForSmall = 5;

}  // namespace

SendQueue::SendQueue(uint32_t large_at_once) : large_at_once_(large_at_once) {
  if (large_at_once == 0) return;
  for (uint32_t index = 0; index < large_at_once + kThreadsForSmall; ++index) {
    threads_.emplace_back([this] { Work(); });
  }
}

SendQueue::~SendQueue() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void SendQueue::Push(Job job) {
  if (threads_.empty()) {
    job.run();
    return;
  }
  {
    std::lock_guard lock(mutex_);
    if (job.lane) job.number_in_lane = job.lane->pushed++;
    jobs_.push_back(std::move(job));
  }
  changed_.notify_one();
}

std::deque<SendQueue::Job>::iterator SendQueue::FindRunnable() {
  return std::find_if(jobs_.begin(), jobs_.end(), [&](const Job& job) {
    if (job.large && large_running_ >= large_at_once_) return false;
    return !job.lane || job.number_in_lane == job.lane->done;
  });
}

void SendQueue::Work() {
  std::unique_lock lock(mutex_);
  while (true) {
    auto next = jobs_.end();
    changed_.wait(lock, [&] {
      next = FindRunnable();
      return next != jobs_.end() || (stopping_ && jobs_.empty());
    });
    if (next == jobs_.end()) return;
    Job job = std::move(*next);
    jobs_.erase(next);
    if (job.large) ++large_running_;
    lock.unlock();
    job.run();
    job.run = nullptr;  // lets go of what it holds before others are woken
    lock.lock();
    if (job.large) --large_running_;
    if (job.lane) ++job.lane->done;
    changed_.notify_all();
  }
}

}  // namespace starlift::load
