#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>

#include "base/result.h"
#include "load/chunk_end.h"
#include "load/dead_letters.h"
#include "load/environment.h"
#include "load/reject_budget.h"
#include "load/table_context.h"
#include "state/records.h"

namespace starlift::load {

// One chunk on its way: shared by its writer and those who send its buffers. Ends exactly once,
// when the writer has closed it and no work on it is left. Thread-safe.
class OpenChunk {
 public:
  OpenChunk(const LoadEnvironment& environment, RejectBudget& rejects,
            std::shared_ptr<TableContext> table, uint64_t number);

  TableContext& table() { return *table_; }
  uint64_t number() const { return number_; }

  // Work on the chunk was begun, and ended. The last of them ends a closed chunk.
  void BeginWork();
  void EndWork();
  // The writer gives no more; `done` is called when all work has ended.
  void Close(ChunkDone done);
  bool ended() const;
  void WaitUntilIdle();  // no work is left

  // The first failure counts. The rows of a failed chunk are dropped.
  void Fail(Error error);
  void FailAndReadAgain();
  bool failed() const { return failed_.load(std::memory_order_acquire); }
  Error error() const;

  void CountRead(uint64_t rows, uint64_t bytes);
  void CountLoaded(uint64_t rows);
  state::TableCounters counters() const;

  // A row that the target can't take: into the dead letters, or, over --max-errors, kPolicy.
  // `line` and `brief` are made only if they are needed.
  Status Reject(const std::function<std::string()>& line, const std::function<std::string()>& brief,
                std::string_view reason);
  // Writes the dead letters to the table's file, before the load that leaves their rows out: gives
  // the length with which they will count, nullopt if there are none. For keyless tables.
  Result<std::optional<uint64_t>> PrepareDeadLetters();
  uint64_t rejected() const { return rejected_.load(std::memory_order_relaxed); }

 private:
  void EndIfFinished(std::unique_lock<std::mutex>& lock);
  Result<ChunkEnd> Record();
  void TakeBackCounts();

  const LoadEnvironment& environment_;
  RejectBudget& rejects_;
  const std::shared_ptr<TableContext> table_;
  const uint64_t number_;

  std::atomic<uint64_t> rows_read_{0}, rows_loaded_{0}, rejected_{0}, bytes_read_{0};
  std::atomic<bool> failed_{false};
  DeadLetterSpool spool_;

  mutable std::mutex mutex_;
  std::condition_variable idle_;
  uint64_t work_ = 0;
  bool closed_ = false;
  bool ended_ = false;
  bool read_again_ = false;
  std::optional<Error> error_;
  ChunkDone done_;
};

}  // namespace starlift::load
