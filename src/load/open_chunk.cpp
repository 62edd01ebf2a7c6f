#include "load/open_chunk.h"

#include <utility>

#include <fmt/format.h>

namespace starlift::load {

OpenChunk::OpenChunk(const LoadEnvironment& environment, RejectBudget& rejects,
                     std::shared_ptr<TableContext> table, uint64_t number)
    : environment_(environment),
      rejects_(rejects),
      table_(std::move(table)),
      number_(number),
      spool_(table_->dead_letters.SpoolPath(number)) {}

void OpenChunk::BeginWork() {
  std::lock_guard lock(mutex_);
  ++work_;
}

void OpenChunk::EndWork() {
  std::unique_lock lock(mutex_);
  --work_;
  EndIfFinished(lock);
}

void OpenChunk::Close(ChunkDone done) {
  std::unique_lock lock(mutex_);
  closed_ = true;
  done_ = std::move(done);
  EndIfFinished(lock);
}

bool OpenChunk::ended() const {
  std::lock_guard lock(mutex_);
  return ended_;
}

void OpenChunk::WaitUntilIdle() {
  std::unique_lock lock(mutex_);
  idle_.wait(lock, [&] { return work_ == 0 && (!closed_ || ended_); });
}

void OpenChunk::EndIfFinished(std::unique_lock<std::mutex>& lock) {
  if (work_ > 0) return;
  if (!closed_) {
    idle_.notify_all();
    return;
  }
  ChunkDone done = std::exchange(done_, nullptr);
  lock.unlock();
  Result<ChunkEnd> end = Record();
  if (!end.ok() || *end != ChunkEnd::kDone) TakeBackCounts();
  lock.lock();
  ended_ = true;
  idle_.notify_all();
  lock.unlock();
  if (done) done(std::move(end));
}

Result<ChunkEnd> OpenChunk::Record() {
  {
    std::lock_guard lock(mutex_);
    // The rows that made the task stop are shown until the next run cuts them off again.
    if (error_ && error_->kind == ErrorKind::kPolicy && spool_.lines() > 0) {
      (void)table_->dead_letters.Prepare(spool_);
    }
    if (error_) return *error_;
    if (read_again_) return ChunkEnd::kReadAgain;
  }
  const int64_t table = table_->record.id;
  if (spool_.lines() == 0) {
    SL_TRY(environment_.store.FinishChunk(table, number_, counters(), std::nullopt));
    return ChunkEnd::kDone;
  }
  SL_TRY(table_->dead_letters.Commit(spool_, [&](uint64_t bytes) {
    return environment_.store.FinishChunk(table, number_, counters(), bytes);
  }));
  return ChunkEnd::kDone;
}

Result<std::optional<uint64_t>> OpenChunk::PrepareDeadLetters() {
  if (spool_.lines() == 0) return std::optional<uint64_t>();
  SL_ASSIGN(const uint64_t bytes, table_->dead_letters.Prepare(spool_));
  return std::optional<uint64_t>(bytes);
}

void OpenChunk::TakeBackCounts() {
  const state::TableCounters counted = counters();
  TableProgress& progress = table_->progress;
  progress.rows_read.fetch_sub(counted.rows_read, std::memory_order_relaxed);
  progress.rows_loaded.fetch_sub(counted.rows_loaded, std::memory_order_relaxed);
  progress.rows_rejected.fetch_sub(counted.rows_rejected, std::memory_order_relaxed);
  progress.bytes_read.fetch_sub(counted.bytes_read, std::memory_order_relaxed);
  rejects_.GiveBack(counted.rows_rejected);
}

void OpenChunk::Fail(Error error) {
  std::lock_guard lock(mutex_);
  if (!error_ && !read_again_) error_ = std::move(error);
  failed_.store(true, std::memory_order_release);
}

void OpenChunk::FailAndReadAgain() {
  std::lock_guard lock(mutex_);
  if (!error_) read_again_ = true;
  failed_.store(true, std::memory_order_release);
}

Error OpenChunk::error() const {
  std::lock_guard lock(mutex_);
  if (error_) return *error_;
  return Error{ErrorKind::kCancelled,
               fmt::format("chunk {} of {} is to be read again", number_, table_->Name())};
}

void OpenChunk::CountRead(uint64_t rows, uint64_t bytes) {
  rows_read_.fetch_add(rows, std::memory_order_relaxed);
  bytes_read_.fetch_add(bytes, std::memory_order_relaxed);
  table_->progress.rows_read.fetch_add(rows, std::memory_order_relaxed);
  table_->progress.bytes_read.fetch_add(bytes, std::memory_order_relaxed);
}

void OpenChunk::CountLoaded(uint64_t rows) {
  rows_loaded_.fetch_add(rows, std::memory_order_relaxed);
  table_->progress.rows_loaded.fetch_add(rows, std::memory_order_relaxed);
}

state::TableCounters OpenChunk::counters() const {
  return {.rows_read = rows_read_.load(std::memory_order_relaxed),
          .rows_loaded = rows_loaded_.load(std::memory_order_relaxed),
          .rows_rejected = rejected_.load(std::memory_order_relaxed),
          .bytes_read = bytes_read_.load(std::memory_order_relaxed)};
}

Status OpenChunk::Reject(const std::function<std::string()>& line,
                         const std::function<std::string()>& brief, std::string_view reason) {
  if (rejects_.Take()) {
    SL_TRY(spool_.Append(line()));
    rejected_.fetch_add(1, std::memory_order_relaxed);
    table_->progress.rows_rejected.fetch_add(1, std::memory_order_relaxed);
    return {};
  }
  return RejectedRowError(
      rejects_, reason,
      fmt::format("table {}, row {}", table_->mapping.source.id.ToString(), brief()),
      table_->dead_letters.path());
}

}  // namespace starlift::load
