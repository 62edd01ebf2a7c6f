#pragma once

#include <vector>

#include "base/result.h"
#include "sync/retry.h"
#include "sync/verify/range_walk.h"
#include "sync/verify/row_side.h"
#include "sync/verify/table_result.h"

namespace starlift::sync {

// Compares the checksums of a table's ranges. The source goes some ranges ahead of the target, so
// that neither database waits for the other at the end of each. Adds the rows of equal ranges to
// `result`; gives the ranges whose sums don't say that they are equal. Uses `walk` up; while it
// runs, `source` belongs to a thread of its own.
Result<std::vector<Chunk>> FindUnequalRanges(RangeWalk& walk, RowSide& source, RowSide& target,
                                             const RetryPolicy& retry, TableResult& result);

}  // namespace starlift::sync
