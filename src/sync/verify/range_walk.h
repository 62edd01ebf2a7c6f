#pragma once

#include <cstdint>
#include <optional>

#include "base/result.h"
#include "sync/retry.h"
#include "sync/verify/row_side.h"

namespace starlift::sync {

// A table's ranges one after another, less what sampling leaves out. Used by one thread at a time.
class RangeWalk {
 public:
  // `share` of the ranges is told, always the same ones; a table that is one range is told whole.
  RangeWalk(RangeCutter& cutter, double share, const RetryPolicy& retry)
      : cutter_(cutter), share_(share), retry_(retry) {}

  // nullopt after the last.
  Result<std::optional<Chunk>> Next();

  uint64_t ranges() const { return ranges_; }    // so far, with those skipped
  uint64_t skipped() const { return skipped_; }  // so far

 private:
  bool IsSampled(const Chunk& range) const;

  RangeCutter& cutter_;
  const double share_;
  const RetryPolicy& retry_;
  std::optional<Chunk> last_;
  uint64_t ranges_ = 0;
  uint64_t skipped_ = 0;
};

}  // namespace starlift::sync
