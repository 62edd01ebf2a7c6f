#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>

namespace starlift {

// A queue between threads, bounded by bytes rather than by count, so that back-pressure follows
// memory. An item larger than the bound is let in when the queue is empty. Thread-safe.
template <typename T>
class Channel {
 public:
  explicit Channel(size_t capacity_bytes) : capacity_bytes_(capacity_bytes) {}
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  // Blocks while full. False once closed: the item is dropped, its owner must know from Close().
  bool Push(T item, size_t bytes) {
    std::unique_lock lock(mutex_);
    not_full_.wait(lock,
                   [&] { return closed_ || items_.empty() || bytes_ + bytes <= capacity_bytes_; });
    if (closed_) return false;
    bytes_ += bytes;
    items_.emplace_back(std::move(item), bytes);
    not_empty_.notify_one();
    return true;
  }

  // Blocks while empty. nullopt once closed and drained.
  std::optional<T> Pop() {
    std::unique_lock lock(mutex_);
    not_empty_.wait(lock, [&] { return closed_ || !items_.empty(); });
    if (items_.empty()) return std::nullopt;
    std::pair<T, size_t> front = std::move(items_.front());
    items_.pop_front();
    bytes_ -= front.second;
    not_full_.notify_all();
    return std::move(front.first);
  }

  // No more pushes; what is queued can still be popped.
  void Close() {
    std::lock_guard lock(mutex_);
    closed_ = true;
    not_full_.notify_all();
    not_empty_.notify_all();
  }

  size_t bytes() const {
    std::lock_guard lock(mutex_);
    return bytes_;
  }

 private:
  const size_t capacity_bytes_;
  mutable std::mutex mutex_;
  std::condition_variable not_full_, not_empty_;
  std::deque<std::pair<T, size_t>> items_;
  size_t bytes_ = 0;
  bool closed_ = false;
};

}  // namespace starlift
