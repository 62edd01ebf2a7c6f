#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "data/table.h"
#include "state/sqlite_connection.h"

namespace starlift::state {

// A key for the labels of a table that no other table of the task has, nor ever had.
Result<std::string> ChooseLabelKey(SqliteConnection& connection, int64_t task,
                                   const TableId& source);

}  // namespace starlift::state
