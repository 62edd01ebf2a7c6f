#pragma once

#include <atomic>
#include <cstdint>

#include "state/records.h"

namespace starlift::load {

// Why reading is slower than it could be.
enum class Throttle : uint8_t {
  kNone,
  kMemory,      // all buffers are full: the target takes rows more slowly than they are read
  kRetrying,    // the target can't be reached or answers with errors
  kTargetBusy,  // the target asks for fewer loads: too many versions, memory
  kOperator,    // someone has to mend something at the target; see the log
};

const char* ThrottleName(Throttle throttle);

// One table's counters of this run and, from the state, of those before it. Written by the loader,
// read by anyone, at any time.
struct TableProgress {
  std::atomic<uint64_t> rows_read{0};
  std::atomic<uint64_t> rows_loaded{0};
  std::atomic<uint64_t> rows_rejected{0};
  std::atomic<uint64_t> bytes_read{0};  // RowBatch::byte_size
  std::atomic<uint64_t> bytes_sent{0};  // load bodies, before compression; of this run

  state::TableCounters Snapshot() const {
    return {rows_read.load(), rows_loaded.load(), rows_rejected.load(), bytes_read.load()};
  }
};

// The loader's counters of this run.
struct LoaderProgress {
  std::atomic<uint64_t> loads_done{0};
  std::atomic<uint32_t> loads_in_flight{0};
  std::atomic<uint64_t> retries{0};
  std::atomic<uint64_t> buffered_bytes{0};
  std::atomic<Throttle> throttle{Throttle::kNone};
};

}  // namespace starlift::load
