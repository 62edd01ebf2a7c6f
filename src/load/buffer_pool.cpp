#include "load/buffer_pool.h"

#include <chrono>
#include <utility>

namespace starlift::load {
namespace {

// How often a waiting reader looks whether it is still wanted.
constexpr std::chrono::milliseconds kWait{100};

uint64_t CapacityOf(const LoadBuffer& buffer) {
  uint64_t bytes = 0;
  for (const auto& segment : buffer.segments) bytes += segment->capacity();
  return bytes;
}

}  // namespace

uint64_t LoadBuffer::bytes() const {
  uint64_t bytes = 0;
  for (const auto& segment : segments) bytes += segment->size();
  return bytes;
}

std::vector<std::string_view> LoadBuffer::Pieces() const {
  std::vector<std::string_view> pieces;
  pieces.reserve(segments.size());
  for (const auto& segment : segments) pieces.emplace_back(segment->data(), segment->size());
  return pieces;
}

BufferPool::Grant BufferPool::Acquire(bool holding, std::unique_ptr<ByteArena>& segment) {
  std::unique_lock lock(mutex_);
  if (used_bytes_ + kSegmentBytes > budget_bytes_) {
    if (sealed_bytes_ > 0) {
      progress_.throttle.store(Throttle::kMemory, std::memory_order_relaxed);
      const bool free = released_.wait_for(
          lock, kWait, [&] { return used_bytes_ + kSegmentBytes <= budget_bytes_; });
      if (!free) return Grant::kTimeout;
      progress_.throttle.store(Throttle::kNone, std::memory_order_relaxed);
    } else if (holding) {
      return Grant::kSealFirst;
    }
  }
  if (free_.empty()) {
    segment = std::make_unique<ByteArena>(kSegmentBytes);
  } else {
    segment = std::move(free_.back());
    free_.pop_back();
  }
  used_bytes_ += segment->capacity();
  progress_.buffered_bytes.store(used_bytes_, std::memory_order_relaxed);
  return Grant::kGranted;
}

void BufferPool::AccountGrowth(size_t capacity_before, size_t capacity_after) {
  if (capacity_before == capacity_after) return;
  std::lock_guard lock(mutex_);
  used_bytes_ += capacity_after - capacity_before;
  progress_.buffered_bytes.store(used_bytes_, std::memory_order_relaxed);
}

void BufferPool::Seal(const LoadBuffer& buffer) {
  std::lock_guard lock(mutex_);
  sealed_bytes_ += CapacityOf(buffer);
}

void BufferPool::Release(LoadBuffer& buffer, bool sealed) {
  const uint64_t bytes = CapacityOf(buffer);
  {
    std::lock_guard lock(mutex_);
    used_bytes_ -= bytes;
    if (sealed) sealed_bytes_ -= bytes;
    progress_.buffered_bytes.store(used_bytes_, std::memory_order_relaxed);
    for (auto& segment : buffer.segments) {
      // What a long row made larger goes back to the system.
      if (segment->capacity() != kSegmentBytes) continue;
      segment->Clear();
      free_.push_back(std::move(segment));
    }
  }
  released_.notify_all();
  buffer.segments.clear();
  buffer.rows = 0;
  buffer.digest = 0;
}

}  // namespace starlift::load
