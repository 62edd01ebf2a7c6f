#include "sync/run/full_phase.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <memory>
#include <mutex>
#include <numeric>
#include <optional>
#include <thread>

#include <fmt/format.h>

#include "base/log.h"
#include "load/changes/applied_mark.h"
#include "sync/retry.h"
#include "sync/run/table_opener.h"
#include "sync/run/work_queue.h"

namespace starlift::sync {
namespace {

using load::ChunkEnd;
using load::ChunkWriter;

constexpr uint64_t kLoadsPerChunk = 2;
constexpr uint64_t kFewestChunkRows = 1000, kMostChunkRows = 2'000'000;
constexpr uint64_t kUnknownRowBytes = 200;
constexpr std::chrono::milliseconds kWatchInterval{50};
// From a request to stop until loads in flight are cut off: well within the 30 s that are promised.
constexpr std::chrono::milliseconds kInterruptAfter{8'000};

// Hands batches of a chunk on to the loader and remembers how far the read came.
class WriterSink : public BatchSink {
 public:
  explicit WriterSink(ChunkWriter& writer) : writer_(writer) {}
  Status Consume(const RowBatch& batch) override {
    rows_ += batch.rows();
    auto consumed = writer_.Consume(batch);
    failed_ = failed_ || !consumed.ok();
    return consumed;
  }
  uint64_t rows() const { return rows_; }
  // The target's side ended the read, not the source.
  bool failed() const { return failed_; }

 private:
  ChunkWriter& writer_;
  uint64_t rows_ = 0;
  bool failed_ = false;
};

load::LoaderOptions MakeLoaderOptions(const TaskConfig& config) {
  load::LoaderOptions options;
  options.memory_bytes = config.limits.memory_bytes;
  options.load_bytes = config.limits.load_bytes;
  options.loads = config.limits.loads;
  options.retry_for = config.limits.retry_for;
  options.max_errors = config.limits.max_errors;
  options.dead_letter_directory = DeadLetterDirectory(config);
  options.compression = config.compression;
  options.load_timeout = config.target.load_timeout;
  return options;
}

// Ranks by size at the source, the largest first.
std::vector<size_t> RankTables(const Plan& plan) {
  std::vector<size_t> order(plan.tables.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return plan.tables[a].mapping.source.byte_estimate >
           plan.tables[b].mapping.source.byte_estimate;
  });
  return order;
}

class FullPhase {
 public:
  FullPhase(const Plan& plan, const std::vector<state::TableRecord>& records,
            const TaskConfig& config, World& world, ProgressBoard& board, bool followed,
            const Cancellation& cancellation)
      : plan_(plan),
        records_(records),
        config_(config),
        world_(world),
        board_(board),
        followed_(followed),
        cancellation_(cancellation),
        threaded_(config.limits.readers > 0),
        ends_(threaded_ ? stop_ : cancellation),
        retry_{world.clock, ends_, config.limits.retry_for},
        loader_(MakeLoaderOptions(config),
                {world.loads, world.store, world.clock, world.random, ends_}),
        order_(RankTables(plan)),
        queue_(order_.size()) {}

  Status Run() {
    if (threaded_) {
      RunInThreads();
    } else {
      RunHere();
    }
    std::lock_guard lock(mutex_);
    if (first_error_) return *std::move(first_error_);
    if (!queue_.AllEnded()) return CancelledError();
    return {};
  }

 private:
  const TablePlan& PlanOf(size_t rank) const { return plan_.tables[order_[rank]]; }
  const state::TableRecord& RecordOf(size_t rank) const { return records_[order_[rank]]; }

  void RunInThreads() {
    std::vector<std::thread> threads;
    threads.emplace_back([this] { PlanChunks(); });
    for (uint32_t i = 0; i < config_.limits.readers; ++i) {
      threads.emplace_back([this] { ReadChunks(); });
    }
    Watch();
    for (std::thread& thread : threads) thread.join();
  }

  // In the calling thread, one step after the other; whether to cut or to read is drawn by lot.
  void RunHere() {
    TableOpener opener(loader_, world_, config_, retry_);
    std::unique_ptr<SnapshotReader> reader;
    bool worked = true;
    while (worked && !first_error_ && !ends_.requested()) {
      worked = world_.random.Next() % 2 == 0 ? PlanNext(opener) || ReadNext(reader)
                                             : ReadNext(reader) || PlanNext(opener);
    }
  }
  // False: there was nothing to do.
  bool PlanNext(TableOpener& opener) {
    const auto rank = queue_.TryNextToPlan();
    if (rank) (void)PlanOne(opener, *rank);
    return rank.has_value();
  }
  bool ReadNext(std::unique_ptr<SnapshotReader>& reader) {
    const auto item = queue_.TryTake();
    if (item) (void)ReadOne(reader, *item);
    return item.has_value();
  }

  // The calling thread's part: carries a request to stop to all others, and cuts loads off that
  // take too long to end.
  void Watch() {
    std::optional<std::chrono::milliseconds> stopped_at;
    bool interrupted = false;
    while (true) {
      {
        std::unique_lock lock(mutex_);
        if (threads_ended_ == config_.limits.readers + 1 && in_flight_ == 0) return;
        all_back_.wait_for(lock, kWatchInterval);
      }
      if (cancellation_.requested()) stop_.Request();
      if (!stop_.requested()) continue;
      queue_.Close();
      if (!stopped_at) stopped_at = world_.clock.Now();
      if (!interrupted && world_.clock.Now() - *stopped_at > kInterruptAfter) {
        world_.interrupt_loads();
        interrupted = true;
      }
    }
  }

  void ThreadEnds() {
    std::lock_guard lock(mutex_);
    ++threads_ended_;
    all_back_.notify_all();
  }

  void Fail(Error error) {
    {
      std::lock_guard lock(mutex_);
      // What threads end with after a stop is its echo.
      if (!first_error_ && !stop_.requested()) first_error_ = std::move(error);
    }
    stop_.Request();
    queue_.Close();
  }

  // ---- cutting chunks ----

  void PlanChunks() {
    TableOpener opener(loader_, world_, config_, retry_);
    while (const auto rank = queue_.NextToPlan()) {
      if (!PlanOne(opener, *rank)) break;
    }
    ThreadEnds();
  }

  // False: the phase ends with an error.
  bool PlanOne(TableOpener& opener, size_t rank) {
    auto planned = PlanSome(opener, rank);
    if (planned.ok()) return true;
    Fail(std::move(planned).error().At(PlanOf(rank).mapping.source.id.ToString()));
    return false;
  }

  // The first call for a table brings what the state knows; the later ones cut on from there.
  Status PlanSome(TableOpener& opener, size_t rank) {
    const TablePlan& table = PlanOf(rank);
    const state::TableRecord& record = RecordOf(rank);
    if (record.status == state::TableStatus::kDone) {
      queue_.AddChunks(rank, {}, true);
      board_.End(order_[rank], TableState::kDone);
      return {};
    }
    if (!opener.IsOpen(rank)) {
      SL_ASSIGN(OpenedTable opened, opener.Open(rank, table.mapping, record));
      board_.Start(order_[rank], loader_.FindProgress(record.id));
      if (opened.complete || !opened.unread.empty()) {
        return Offer(rank, std::move(opened.unread), opened.complete);
      }
    }
    SL_ASSIGN(CutChunks cut, opener.Cut(rank, table.mapping, record,
                                        ChunkRows(table.mapping.source, config_.limits)));
    return Offer(rank, std::move(cut.chunks), cut.last);
  }

  Status Offer(size_t rank, std::vector<Chunk> chunks, bool last) {
    if (!queue_.AddChunks(rank, std::move(chunks), last)) return {};
    return EndTable(rank);
  }

  Status EndTable(size_t rank) {
    SL_TRY(world_.store.SetTableStatus(RecordOf(rank).id, state::TableStatus::kDone));
    board_.End(order_[rank], TableState::kDone);
    return {};
  }

  // ---- reading ----

  void ReadChunks() {
    std::unique_ptr<SnapshotReader> reader;
    while (auto item = queue_.Take()) {
      if (!ReadOne(reader, *item)) break;
    }
    ThreadEnds();
  }

  // False: the phase ends with an error.
  bool ReadOne(std::unique_ptr<SnapshotReader>& reader, const WorkQueue::Item& item) {
    auto read = ReadWithRetry(reader, item);
    if (read.ok()) return true;
    Fail(std::move(read).error().At(PlanOf(item.table).mapping.source.id.ToString()));
    return false;
  }

  Status ReadWithRetry(std::unique_ptr<SnapshotReader>& reader, const WorkQueue::Item& item) {
    uint64_t best = 0;
    bool further = false;
    return RetryUnreachable(
        retry_, "source",
        [&]() -> Status {
          further = false;
          uint64_t rows = 0;
          auto read = AttemptRead(reader, item, rows);
          if (!read.ok()) reader.reset();
          further = rows > best;
          best = std::max(best, rows);
          return read;
        },
        [&] { return further; });
  }

  Status AttemptRead(std::unique_ptr<SnapshotReader>& reader, const WorkQueue::Item& item,
                     uint64_t& rows) {
    const mapping::TableMapping& mapping = PlanOf(item.table).mapping;
    const bool at_position = followed_ && mapping.keyless;
    if (at_position) {
      SL_ASSIGN(reader, OpenAtPosition(RecordOf(item.table)));
    } else if (!reader) {
      SL_ASSIGN(reader, world_.source.OpenSnapshot(ends_));
    }
    SL_ASSIGN(std::unique_ptr<ChunkWriter> writer,
              loader_.OpenChunk(RecordOf(item.table).id, item.chunk.number));
    WriterSink sink(*writer);
    auto read = reader->ReadChunk(mapping.source, mapping.columns, item.chunk, sink);
    if (at_position) reader.reset();
    rows = sink.rows();
    if (!read.ok() && !sink.failed()) return std::move(read).error();
    // Where the loader failed, the end of the chunk tells why, or has it read again.
    {
      std::lock_guard lock(mutex_);
      ++in_flight_;
    }
    writer->Finish([this, item](Result<ChunkEnd> end) { ChunkEnded(item, std::move(end)); });
    return {};
  }

  // Rows without a key are read once and never again: the stream has to go on from exactly there.
  // The position is stored before any of them is sent.
  Result<std::unique_ptr<SnapshotReader>> OpenAtPosition(const state::TableRecord& record) {
    SL_ASSIGN(ConsistentSnapshot snapshot, world_.source.OpenConsistentSnapshot(ends_));
    SL_TRY(world_.store.SetApplied(record.id, load::PrintMark({.snapshot = snapshot.position})));
    return std::move(snapshot.reader);
  }

  // From a sender's thread.
  void ChunkEnded(const WorkQueue::Item& item, Result<ChunkEnd> end) {
    if (!end.ok()) {
      Fail(std::move(end).error().At(PlanOf(item.table).mapping.target.QuotedName()));
    } else if (*end == ChunkEnd::kReadAgain) {
      queue_.PutBack(item);
    } else if (queue_.EndChunk(item.table)) {
      board_.End(order_[item.table], TableState::kDone);
    }
    std::lock_guard lock(mutex_);
    --in_flight_;
    all_back_.notify_all();
  }

  const Plan& plan_;
  const std::vector<state::TableRecord>& records_;
  const TaskConfig& config_;
  World& world_;
  ProgressBoard& board_;
  const bool followed_;
  const Cancellation& cancellation_;  // from outside
  Cancellation stop_;                 // for all threads of this phase: from outside or by an error
  const bool threaded_;
  const Cancellation& ends_;  // what ends the phase: without threads, the request from outside
  const RetryPolicy retry_;

  std::mutex mutex_;
  std::condition_variable all_back_;
  std::optional<Error> first_error_;
  size_t in_flight_ = 0;  // chunks handed to the loader whose end hasn't come
  size_t threads_ended_ = 0;

  load::Loader loader_;
  const std::vector<size_t> order_;  // rank → place in the plan
  WorkQueue queue_;
};

}  // namespace

std::string DeadLetterDirectory(const TaskConfig& config) {
  return (std::filesystem::path(config.home) / "dead-letters" / TaskIdentity(config)).string();
}

uint64_t ChunkRows(const Table& table, const TaskLimits& limits) {
  if (limits.chunk_rows > 0) return limits.chunk_rows;
  const uint64_t row_bytes =
      table.average_row_bytes > 0 ? table.average_row_bytes : kUnknownRowBytes;
  return std::clamp(kLoadsPerChunk * limits.load_bytes / row_bytes, kFewestChunkRows,
                    kMostChunkRows);
}

Status RunFullPhase(const Plan& plan, const std::vector<state::TableRecord>& records,
                    const TaskConfig& config, World& world, ProgressBoard& board, bool followed,
                    const Cancellation& cancellation) {
  board.SetPhase("full");
  return FullPhase(plan, records, config, world, board, followed, cancellation).Run();
}

}  // namespace starlift::sync
