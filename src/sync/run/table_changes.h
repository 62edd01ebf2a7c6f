#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "state/store.h"

namespace starlift::sync {

// What add-table and drop-table change in the state, whether the task runs or not. Each gives the
// line that is said to the user.

// kConflict for a table that is followed or on its way. What both ends say of the tables is the
// caller's to check, or the next run's.
Result<std::string> AddTables(state::StateStore& store, int64_t task,
                              const std::vector<TableId>& tables, const std::string& existing);

// kConflict for a table that the task doesn't have, and where none would be left.
Result<std::string> DropTables(state::StateStore& store, int64_t task,
                               const std::vector<TableId>& tables);

}  // namespace starlift::sync
