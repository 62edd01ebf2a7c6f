#include "sync/run/work_queue.h"

#include <cassert>

namespace starlift::sync {
namespace {

// So far ahead of reading is cut: per table, so that a reader never waits for the planner; in all,
// because bounds that a crash finds unread were cut early for nothing.
constexpr size_t kReadyPerTable = 8;
constexpr size_t kReadyInAll = 64;

}  // namespace

WorkQueue::WorkQueue(size_t tables) : tables_(tables) {
  for (size_t rank = 0; rank < tables; ++rank) uncut_.insert(uncut_.end(), rank);
}

std::optional<size_t> WorkQueue::NextToPlan() {
  std::unique_lock lock(mutex_);
  while (!closed_ && !uncut_.empty()) {
    if (const auto rank = FindToPlan()) return rank;
    changed_.wait(lock);
  }
  return std::nullopt;
}

std::optional<size_t> WorkQueue::TryNextToPlan() {
  std::lock_guard lock(mutex_);
  return closed_ ? std::nullopt : FindToPlan();
}

std::optional<size_t> WorkQueue::FindToPlan() {
  if (ready_chunks_ >= kReadyInAll) return std::nullopt;
  plan_small_ = !plan_small_;
  const auto wants = [&](size_t rank) { return tables_[rank].ready.size() < kReadyPerTable; };
  if (!plan_small_) {
    for (const size_t rank : uncut_) {
      if (wants(rank)) return rank;
    }
  } else {
    for (auto rank = uncut_.rbegin(); rank != uncut_.rend(); ++rank) {
      if (wants(*rank)) return *rank;
    }
  }
  return std::nullopt;
}

bool WorkQueue::AddChunks(size_t table, std::vector<Chunk> chunks, bool last) {
  std::lock_guard lock(mutex_);
  TableWork& work = tables_[table];
  assert(!work.cut);
  ready_chunks_ += chunks.size();
  for (Chunk& chunk : chunks) work.ready.push_back(std::move(chunk));
  if (last) {
    work.cut = true;
    uncut_.erase(table);
    if (work.ended()) ++ended_;
  }
  UpdateReady(table);
  changed_.notify_all();
  return work.ended();
}

std::optional<WorkQueue::Item> WorkQueue::Take() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return closed_ || !ready_.empty() || AllEndedLocked(); });
  if (closed_ || ready_.empty()) return std::nullopt;
  return TakeReady();
}

std::optional<WorkQueue::Item> WorkQueue::TryTake() {
  std::lock_guard lock(mutex_);
  if (closed_ || ready_.empty()) return std::nullopt;
  return TakeReady();
}

WorkQueue::Item WorkQueue::TakeReady() {
  take_small_ = !take_small_;
  const size_t table = take_small_ ? *ready_.rbegin() : *ready_.begin();
  TableWork& work = tables_[table];
  Item item{table, std::move(work.ready.front())};
  work.ready.pop_front();
  ++work.taken;
  --ready_chunks_;
  UpdateReady(table);
  changed_.notify_all();
  return item;
}

void WorkQueue::PutBack(Item item) {
  std::lock_guard lock(mutex_);
  const size_t table = item.table;
  TableWork& work = tables_[table];
  assert(work.taken > 0);
  work.ready.push_front(std::move(item.chunk));
  --work.taken;
  ++ready_chunks_;
  UpdateReady(table);
  changed_.notify_all();
}

bool WorkQueue::EndChunk(size_t table) {
  std::lock_guard lock(mutex_);
  TableWork& work = tables_[table];
  assert(work.taken > 0);
  --work.taken;
  const bool complete = work.ended();
  if (complete) ++ended_;
  changed_.notify_all();
  return complete;
}

void WorkQueue::Close() {
  std::lock_guard lock(mutex_);
  closed_ = true;
  changed_.notify_all();
}

bool WorkQueue::AllEnded() const {
  std::lock_guard lock(mutex_);
  return AllEndedLocked();
}

void WorkQueue::UpdateReady(size_t table) {
  if (tables_[table].ready.empty()) {
    ready_.erase(table);
  } else {
    ready_.insert(table);
  }
}

}  // namespace starlift::sync
