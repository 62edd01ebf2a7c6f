#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <set>
#include <vector>

#include "sources/source.h"

namespace starlift::sync {

// Which chunk is read next. Tables are numbered by rank, the largest first. Chunks are cut ahead of
// reading by a planner; readers take them in turn from the largest and from the smallest table, so
// that a large table starts early and small ones don't wait for it. Thread-safe.
class WorkQueue {
 public:
  struct Item {
    size_t table = 0;  // rank
    Chunk chunk;
  };

  explicit WorkQueue(size_t tables);

  // For the planner: the table that is short of chunks, in the same alternation. Blocks while none
  // is; nullopt when all tables are cut, or after Close().
  std::optional<size_t> NextToPlan();
  // The same without waiting: nullopt if no table is short of chunks now.
  std::optional<size_t> TryNextToPlan();
  // `last`: the table has no more than these. True if the table is complete with that, because
  // every chunk of it has ended.
  bool AddChunks(size_t table, std::vector<Chunk> chunks, bool last);

  // For readers. Blocks while all chunks there are have been taken; nullopt when every chunk of
  // every table has ended, or after Close().
  std::optional<Item> Take();
  // The same without waiting: nullopt if there is no chunk to take now.
  std::optional<Item> TryTake();
  // The chunk must be read again.
  void PutBack(Item item);
  // A taken chunk has ended. True if its table is complete with it.
  bool EndChunk(size_t table);

  // Lets everyone go.
  void Close();
  bool AllEnded() const;

 private:
  struct TableWork {
    bool cut = false;
    std::deque<Chunk> ready;
    size_t taken = 0;
    bool ended() const { return cut && ready.empty() && taken == 0; }
  };

  // Under the mutex.
  std::optional<size_t> FindToPlan();
  Item TakeReady();
  void UpdateReady(size_t table);
  bool AllEndedLocked() const { return ended_ == tables_.size(); }

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<TableWork> tables_;
  std::set<size_t> uncut_;  // ranks that the planner isn't done with
  std::set<size_t> ready_;  // ranks with chunks to take
  size_t ended_ = 0;
  size_t ready_chunks_ = 0;
  bool plan_small_ = false, take_small_ = false;
  bool closed_ = false;
};

}  // namespace starlift::sync
