#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string_view>
#include <vector>

#include "data/row_batch.h"
#include "load/progress.h"
#include "starrocks/load_target.h"

namespace starlift::load {

// Load bodies are gathered in pieces of this size, so that no buffer is ever copied to grow. A huge
// page each.
inline constexpr size_t kSegmentBytes = size_t{2} << 20;

// Encoded rows of one chunk in one format: the body of a load. Owned by one thread at a time.
struct LoadBuffer {
  starrocks::LoadFormat format = starrocks::LoadFormat::kCsv;
  std::vector<std::unique_ptr<ByteArena>> segments;
  uint64_t rows = 0;
  uint64_t digest = 0;  // HashBytes of what each batch became, chained

  uint64_t bytes() const;
  std::vector<std::string_view> Pieces() const;
};

// Hands out segments within a budget and takes them back for reuse. Thread-safe.
class BufferPool {
 public:
  enum class Grant {
    kGranted,
    kSealFirst,  // all memory lies in unfinished buffers: send yours, then ask again
    kTimeout,    // none came free for a while; ask again if you still want one
  };

  BufferPool(uint64_t budget_bytes, LoaderProgress& progress)
      : budget_bytes_(budget_bytes), progress_(progress) {}

  // A segment, when one is free. `holding`: the caller's buffer has bytes, so that sealing it would
  // help. A caller that holds nothing is served over the budget rather than left waiting for
  // others who may wait for it.
  Grant Acquire(bool holding, std::unique_ptr<ByteArena>& segment);

  // The segment grew beyond its size by a long row: counted, so that others wait.
  void AccountGrowth(size_t capacity_before, size_t capacity_after);

  // The buffer is full and on its way: its memory will come back without its writer's help.
  void Seal(const LoadBuffer& buffer);
  // Takes back a buffer's memory. `sealed`: Seal was called for it.
  void Release(LoadBuffer& buffer, bool sealed);

 private:
  const uint64_t budget_bytes_;
  LoaderProgress& progress_;
  std::mutex mutex_;
  std::condition_variable released_;
  std::vector<std::unique_ptr<ByteArena>> free_;
  uint64_t used_bytes_ = 0;    // capacities of what is out
  uint64_t sealed_bytes_ = 0;  // the part of it that is on its way
};

}  // namespace starlift::load
