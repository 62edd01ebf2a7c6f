#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "starrocks/load_target.h"

namespace starlift::load {

// What happens when a row without a key is updated or deleted.
enum class KeylessChanges : uint8_t {
  kApply,  // such a row is taken away at the target, found by all of its columns
  kStop,
};

struct ApplierOptions {
  // Changes between the stream and the target, all tables together, encoded or not.
  uint64_t memory_bytes = uint64_t{64} << 20;
  // A table is flushed at this size or so many rows, whatever its interval says.
  uint64_t load_bytes = uint64_t{16} << 20;
  uint64_t load_rows = 500'000;
  // Between two loads of one table; stretched where the target doesn't bear so many.
  std::chrono::milliseconds flush_interval{200};
  std::chrono::milliseconds longest_interval{20'000};
  std::chrono::milliseconds checkpoint_interval{200};
  // Large loads in flight; small ones may be more. 0: no threads, every step is taken by the
  // stream's (simulation).
  uint32_t loads = 3;
  std::chrono::milliseconds retry_for{600'000};
  // Rows that may go to dead letters; 0: stop at the first that the target can't take.
  uint64_t max_errors = 0;
  std::string dead_letter_directory;
  KeylessChanges keyless_changes = KeylessChanges::kApply;
  starrocks::Compression compression = starrocks::Compression::kNone;
  std::chrono::seconds load_timeout{600};
};

}  // namespace starlift::load
