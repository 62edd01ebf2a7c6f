#pragma once

#include <string>
#include <vector>

#include "data/finding.h"
#include "sources/oracle/catalog.h"
#include "sources/text_rows.h"

namespace starlift::oracle {

// What will surprise in these tables: keys, types.
std::vector<Finding> CheckTables(const Catalog& catalog);

// What LogMiner needs: archived logs, supplemental logging of the database and of each table, a
// common user in a container database, privileges. `incremental` decides between errors and
// warnings (structure_only.h).
Result<std::vector<Finding>> CheckLog(const AskServer& ask, const ServerVersion& version,
                                      const std::string& user, const Catalog& catalog,
                                      bool incremental);

}  // namespace starlift::oracle
