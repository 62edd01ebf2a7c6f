#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>

#include "load/buffer_pool.h"
#include "load/environment.h"
#include "load/loader.h"
#include "load/loader_options.h"
#include "load/progress.h"
#include "load/reject_budget.h"
#include "load/send_queue.h"
#include "load/table_context.h"

namespace starlift::load {

// What a loader's writers share.
struct Loader::State {
  State(LoaderOptions with, LoadEnvironment in)
      : options(std::move(with)),
        environment(in),
        pool(options.memory_bytes, progress),
        rejects(options.max_errors),
        queue(options.loads) {}

  // Where a load is closed: all writers' and all senders' buffers fit into the budget together.
  uint64_t LoadBytes() const {
    const uint64_t shares = std::max<uint64_t>(1, writers.load() + options.loads);
    return std::clamp<uint64_t>(options.memory_bytes / shares, kSegmentBytes,
                                std::max<uint64_t>(options.load_bytes, kSegmentBytes));
  }

  std::shared_ptr<TableContext> FindTable(int64_t table) const {
    std::lock_guard lock(tables_mutex);
    const auto found = tables.find(table);
    return found == tables.end() ? nullptr : found->second;
  }

  const LoaderOptions options;
  const LoadEnvironment environment;
  LoaderProgress progress;
  BufferPool pool;
  RejectBudget rejects;
  std::atomic<uint32_t> writers{0};
  mutable std::mutex tables_mutex;
  std::map<int64_t, std::shared_ptr<TableContext>> tables;
  SendQueue queue;  // last: its threads end before what they use
};

}  // namespace starlift::load
