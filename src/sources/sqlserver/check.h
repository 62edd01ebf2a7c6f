#pragma once

#include <string>
#include <vector>

#include "data/finding.h"
#include "sources/sqlserver/catalog.h"
#include "sources/text_rows.h"

namespace starlift::sqlserver {

// What stands in the way of reading these tables, or will surprise: privileges, keys, types.
std::vector<Finding> CheckTables(const DatabaseCatalog& catalog, const std::string& user);

// What change data capture needs: the Agent, the database and each table enabled, snapshot
// isolation. `ask` is in the database. `incremental` decides between errors and warnings
// (structure_only.h).
Result<std::vector<Finding>> CheckCapture(const AskServer& ask, const std::string& database,
                                          const DatabaseCatalog& catalog, bool incremental);

}  // namespace starlift::sqlserver
