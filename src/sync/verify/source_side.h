#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "mapping/table_mapping.h"
#include "sources/source.h"
#include "sync/verify/row_side.h"
#include "sync/verify/target_side.h"

namespace starlift::sync {

// One source table of those that land in the target table.
struct SourceTable {
  const mapping::TableMapping* mapping = nullptr;
  // Its own column numbers; nullopt where any of its columns must be read.
  std::optional<ChecksumChoice> checksum;
};

// The rows of all source tables of one target table, as loads would carry them. Opens connections
// of its own at the source, and again after one was lost. `source` and the mappings must outlive
// it.
class SourceSide : public RowSide, public RangeCutter {};

// `ranges_carry_over`: the ranges that NextRange cuts, of `rows_per_range` rows, mean the same to
// all of the tables and to the target; without that, there is one range of all rows.
std::unique_ptr<SourceSide> MakeSourceSide(Source& source, std::vector<SourceTable> tables,
                                           bool ranges_carry_over, uint64_t rows_per_range,
                                           const Cancellation& cancellation);

}  // namespace starlift::sync
