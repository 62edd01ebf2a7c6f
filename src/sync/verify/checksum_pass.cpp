#include "sync/verify/checksum_pass.h"

#include <future>
#include <optional>
#include <utility>

#include "base/channel.h"

namespace starlift::sync {
namespace {

// Enough to even out ranges of different cost; more would only put time between the two looks at a
// range, in which a running stream changes it.
constexpr size_t kRangesAhead = 4;

struct SourceSum {
  Chunk range;
  std::optional<RowChecksum> checksum;
};

// Until the last range, or until nobody takes them any more.
Status SendSums(RangeWalk& walk, RowSide& source, const RetryPolicy& retry,
                Channel<SourceSum>& sums) {
  while (true) {
    SL_ASSIGN(std::optional<Chunk> range, walk.Next());
    if (!range) return {};
    SL_ASSIGN(std::optional<RowChecksum> checksum,
              RetryUnreachable(retry, "source", [&] { return source.Checksum(*range); }));
    if (!sums.Push({*std::move(range), checksum}, 1)) return {};
  }
}

Status CompareSums(Channel<SourceSum>& sums, RowSide& target, const RetryPolicy& retry,
                   TableResult& result, std::vector<Chunk>& unequal) {
  while (std::optional<SourceSum> ours = sums.Pop()) {
    std::optional<RowChecksum> theirs;
    if (ours->checksum) {
      SL_ASSIGN(theirs,
                RetryUnreachable(retry, "target", [&] { return target.Checksum(ours->range); }));
    }
    if (theirs && *theirs == *ours->checksum) {
      result.source_rows += theirs->rows;
      result.target_rows += theirs->rows;
    } else {
      unequal.push_back(std::move(ours->range));
    }
  }
  return {};
}

}  // namespace

Result<std::vector<Chunk>> FindUnequalRanges(RangeWalk& walk, RowSide& source, RowSide& target,
                                             const RetryPolicy& retry, TableResult& result) {
  Channel<SourceSum> sums(kRangesAhead);
  auto sender = std::async(std::launch::async, [&] {
    Status sent = SendSums(walk, source, retry, sums);
    sums.Close();
    return sent;
  });
  std::vector<Chunk> unequal;
  Status compared = CompareSums(sums, target, retry, result, unequal);
  sums.Close();
  SL_TRY(sender.get());
  SL_TRY(std::move(compared));
  return unequal;
}

}  // namespace starlift::sync
