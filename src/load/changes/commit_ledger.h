#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <set>
#include <vector>

#include "data/change.h"

namespace starlift::load {

// Counts the stream's commits and knows the newest place below which all is durable. A table whose
// changes aren't durable yet pins the first transaction that they belong to. Not thread-safe.
class CommitLedger {
 public:
  // The transaction whose changes are being told; the first is 1.
  uint64_t current() const { return last_ + 1; }
  // The current transaction is committed.
  void Commit(const CommitPoint& point);
  uint64_t last() const { return last_; }

  void Pin(uint64_t transaction) { pins_.insert(transaction); }
  void Unpin(uint64_t transaction) { pins_.erase(pins_.find(transaction)); }
  bool pinned() const { return !pins_.empty(); }

  struct Place {
    uint64_t commit = 0;  // number of the last commit at or below it
    Position position;
    int64_t commit_unix_us = 0;
  };
  // The newest commit below all pins; nullopt: none but the one that was taken last.
  std::optional<Place> Durable() const;
  // A place behind this transaction, which is committed: the nearest that is known.
  Position PositionAfter(uint64_t transaction) const;
  // What is at or below it needn't be kept.
  void Forget(uint64_t commit);

  // Commit time of the oldest commit that isn't durable, 0 if all are.
  int64_t oldest_pending_unix_us() const;

 private:
  struct Entry {
    uint64_t number = 0;
    CommitPoint point;
  };
  void Thin();

  uint64_t last_ = 0;
  std::deque<Entry> entries_;
  std::multiset<uint64_t> pins_;
};

}  // namespace starlift::load
