#pragma once

#include <string>

#include "base/result.h"
#include "sync/control/table_request.h"

namespace starlift::sync {

// add-table and drop-table of a task that no process runs: changes its state alone, under its lock.
// What both ends say of new tables is checked by the next run. Gives the line for the user.
// kNotFound if this home knows no such task; kConflict if it runs, or doesn't follow changes.
Result<std::string> AddTablesOfStoppedTask(const std::string& home, const std::string& identity,
                                           const TableRequest& request);
Result<std::string> DropTablesOfStoppedTask(const std::string& home, const std::string& identity,
                                            const TableRequest& request);

}  // namespace starlift::sync
