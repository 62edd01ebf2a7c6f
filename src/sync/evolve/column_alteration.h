#pragma once

#include <optional>
#include <string>

#include "data/table.h"
#include "starrocks/table_model.h"

namespace starlift::sync {

// The value of a column that was added, in rows that exist.
struct AddedColumn {
  // As it is added: with a default that shows in those rows where one can tell the value.
  starrocks::TargetColumn column;
  // No default can: the rows are to be read again.
  bool refill = false;
};
AddedColumn PlanAddedColumn(const Column& source, const starrocks::TargetColumn& wanted,
                            bool unknown_values);

// What a column that is there has to become, so that it takes what is mapped to `wanted`.
struct ColumnModification {
  starrocks::TargetColumn column;  // with its own name, default and comment
  bool possible = true;            // false: StarRocks doesn't convert the one into the other
};
// Nullopt: it takes them already.
std::optional<ColumnModification> PlanModification(const starrocks::TargetColumn& existing,
                                                   const starrocks::TargetColumn& wanted);

// "`a` INT NULL DEFAULT "5" COMMENT "x"", as ADD and MODIFY COLUMN take it.
std::string PrintColumnClause(const starrocks::TargetColumn& column);

}  // namespace starlift::sync
