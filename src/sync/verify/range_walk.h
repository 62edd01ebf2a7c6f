#pragma once

#include <cstdint>
#include <mutex>
#include <optional>

#include "base/result.h"
#include "sync/retry.h"
#include "sync/verify/row_side.h"

namespace starlift::sync {

// A table's ranges one after another, less what sampling leaves out, for as many threads as share
// it. Thread-safe; the cutter is used under its lock and by nobody else meanwhile.
class RangeWalk {
 public:
  // `share` of the ranges is told, always the same ones; a table that is one range is told whole.
  RangeWalk(RangeCutter& cutter, double share, const RetryPolicy& retry)
      : cutter_(cutter), share_(share), retry_(retry) {}

  // nullopt after the last, and after Stop().
  Result<std::optional<Chunk>> Next();
  void Stop();

  // So far.
  struct Count {
    uint64_t ranges = 0;   // with those skipped
    uint64_t skipped = 0;  // by sampling
  };
  Count count() const;

 private:
  bool IsSampled(const Chunk& range) const;

  RangeCutter& cutter_;
  const double share_;
  const RetryPolicy& retry_;

  mutable std::mutex mutex_;
  std::optional<Chunk> last_;
  Count count_;
  bool ended_ = false;
};

}  // namespace starlift::sync
