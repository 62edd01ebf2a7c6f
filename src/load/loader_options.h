#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "starrocks/load_target.h"

namespace starlift::load {

struct LoaderOptions {
  // Encoded rows between reader and target, all tables together.
  uint64_t memory_bytes = uint64_t{96} << 20;
  // A load is closed at this size, earlier when memory is short.
  uint64_t load_bytes = uint64_t{32} << 20;
  // Loads in flight. Small ones, of which a reader makes many quickly, may be more (kSmallLoads).
  // 0: no threads; loads are sent by whoever fills them (simulation).
  uint32_t loads = 3;
  // How long one load is tried again before its task ends.
  std::chrono::milliseconds retry_for{600'000};
  // Rows of the whole task that may go to dead letters; 0: stop at the first bad row.
  uint64_t max_errors = 0;
  // Dead letters go to `<dead_letter_directory>/<database>.<table>.jsonl`.
  std::string dead_letter_directory;
  starrocks::Compression compression = starrocks::Compression::kNone;
  std::chrono::seconds load_timeout{600};
};

}  // namespace starlift::load
