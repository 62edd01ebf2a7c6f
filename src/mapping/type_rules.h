#pragma once

#include <string>
#include <vector>

#include "data/table.h"
#include "mapping/mapping_options.h"
#include "starrocks/encode_plan.h"
#include "starrocks/target_type.h"

namespace starlift::mapping {

enum class ColumnRole { kValue, kPrimaryKey, kSortKey };

// How one source column lands.
struct TypeDecision {
  bool supported = true;
  starrocks::TargetType type;
  starrocks::CellRule rule = starrocks::CellRule::kText;
  uint32_t limit_bytes = UINT32_MAX;  // of a value as stored
  bool forces_nullable = false;       // the values may become NULL, whatever the source says
  // What can be lost or looks different, as a sentence; empty: nothing.
  std::string warning;
};

// The rules of docs/reference/types-mysql.md. A kPrimaryKey column of FLOAT, DOUBLE, JSON or
// geometry is not supported: the caller makes the table keyless.
TypeDecision DecideType(const Column& column, ColumnRole role, const MappingOptions& options);

}  // namespace starlift::mapping
