#pragma once

#include <optional>
#include <string>
#include <vector>

#include "data/checksum.h"
#include "mapping/table_mapping.h"
#include "sources/source.h"
#include "sync/verify/row_shape.h"

// The statements that verification asks StarRocks.
namespace starlift::sync {

// How a source's row text is made so that StarRocks makes the same (data/checksum.h); nullopt if a
// column must be read to be compared: then the whole row is.
std::optional<std::vector<ChecksumColumn>> PlanChecksum(const mapping::TableMapping& mapping);

// Whether the target orders the key as the source does, so that both can be asked for a range.
bool RangesCarryOver(const mapping::TableMapping& mapping);

// The condition that takes the same rows at the target as the range does at the source; empty for
// all. Only where RangesCarryOver.
std::string TargetRange(const mapping::TableMapping& mapping, const Chunk& range);

std::string TargetRowsQuery(const mapping::TableMapping& mapping, const std::string& condition);
std::string TargetChecksumQuery(const mapping::TableMapping& mapping,
                                const std::vector<ChecksumColumn>& columns, ChecksumMethod method,
                                const std::string& condition);

// "(`a` = 1 AND `b` = 'x') OR (…)".
std::string TargetKeysCondition(const RowShape& shape, const std::vector<RowKey>& keys);

// A key's value at the target as the source's cell.
std::string SourceKeyCell(const starrocks::ColumnPlan& column, const std::string& value);

}  // namespace starlift::sync
