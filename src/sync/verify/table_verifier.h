#pragma once

#include <atomic>
#include <functional>
#include <unordered_map>
#include <vector>

#include "base/cancellation.h"
#include "base/result.h"
#include "sync/retry.h"
#include "sync/verify/range_walk.h"
#include "sync/verify/row_shape.h"
#include "sync/verify/row_side.h"
#include "sync/verify/table_result.h"

namespace starlift::sync {

struct VerifierOptions {
  bool checksums = true;  // false: every row is read
  double sample = 1.0;    // share of the ranges
  // Rows of a range (16 bytes each, per side) that are compared at once; larger ones in passes.
  uint64_t rows_at_once = 2'000'000;
  // Differences kept with their values, per table.
  uint64_t kept_differences = 10'000;
  uint64_t kept_bytes = uint64_t{64} << 20;
  // Returns when all that was committed at the source before the call is visible at the target.
  // Empty: nothing follows the source's changes.
  std::function<Status()> wait_until_applied;
};

// What the verifiers of one table share: its ranges, and how many differences may still be kept.
struct SharedVerification {
  SharedVerification(RangeCutter& cutter, const VerifierOptions& options, const RetryPolicy& retry)
      : walk(cutter, options.sample, retry) {}

  RangeWalk walk;
  std::atomic<uint64_t> kept_differences{0}, kept_bytes{0};
};

// Compares one target table with its sources, range by range: checksums of both databases first,
// at the same time; where they differ, digests of all rows; where these differ, the rows. A
// difference counts only if it is still there when both sides are read again, after the target had
// the chance to catch up. Several may share a table, each in a thread and with sides of its own.
class TableVerifier {
 public:
  TableVerifier(const RowShape& shape, SharedVerification& shared, RowSide& source, RowSide& target,
                const VerifierOptions& options, const RetryPolicy& retry);

  // Takes ranges until there are no more.
  Result<TableResult> VerifyRows();
  // The cheap mode: the numbers of rows alone.
  Result<TableResult> VerifyCounts();

 private:
  // The rows of one key on one side.
  struct Image {
    std::vector<uint64_t> digests;
    std::vector<std::vector<StoredValue>> rows;
  };
  // One side's rows of some keys, by the keys' digests.
  struct Look {
    std::unordered_map<uint64_t, Image> images;
    uint64_t refused = 0;
  };
  class Pass;

  Result<bool> HasEqualSums(const Chunk& range, TableResult& result);
  Status ReadRange(const Chunk& range, TableResult& result);
  Result<std::vector<uint64_t>> FindCandidates(const Chunk& range, TableResult& result);
  Status JudgeCandidates(const Chunk& range, std::vector<uint64_t> candidates, TableResult& result);
  Status JudgeKeys(const Chunk& range, std::vector<RowKey> keys, TableResult& result);
  Result<Look> LookAt(RowSide& side, const Chunk& range, const std::vector<RowKey>& keys);
  void Report(RowKey key, Image source, Image target, TableResult& result);

  const RowShape& shape_;
  SharedVerification& shared_;
  RowSide& source_;
  RowSide& target_;
  const VerifierOptions& options_;
  const RetryPolicy& retry_;
};

}  // namespace starlift::sync
