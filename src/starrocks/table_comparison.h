#pragma once

#include <string>
#include <vector>

#include "starrocks/table_model.h"

namespace starlift::starrocks {

struct TableDifference {
  std::string column;    // empty: the table as a whole
  std::string message;   // "column `a`: is INT, needs BIGINT"
  std::string mend;      // a statement, or what to do; may be empty
  bool blocking = true;  // false: loading works, values arrive, but it isn't what we would make
};

// Whether `existing` can take what is mapped to `wanted`, column by column. Empty: equal enough
// that nothing needs saying. Wider types, extra nullable columns and other buckets are no
// difference.
std::vector<TableDifference> CompareTables(const TargetTable& existing, const TargetTable& wanted);

}  // namespace starlift::starrocks
