#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "mapping/table_mapping.h"
#include "starrocks/session.h"
#include "sync/verify/row_shape.h"
#include "sync/verify/row_side.h"

namespace starlift::sync {

struct ChecksumChoice {
  std::vector<ChecksumColumn> columns;  // of the source table, in the plan's order
  ChecksumMethod method = ChecksumMethod::kCrc32;
};

// A table of StarRocks, over a session of its own. `mapping`, `shape` and `session` must outlive
// it.
std::unique_ptr<RowSide> MakeTargetSide(const mapping::TableMapping& mapping, const RowShape& shape,
                                        std::optional<ChecksumChoice> checksum,
                                        starrocks::Session& session,
                                        const Cancellation& cancellation);

}  // namespace starlift::sync
