#pragma once

#include <vector>

#include "base/result.h"
#include "data/finding.h"
#include "data/table.h"
#include "sources/mysql/session.h"

namespace starlift::mysql {

// Appends what keeps the binary log from being a complete change stream of these tables: settings,
// retention, filters, privileges, foreign keys whose effects are not logged, undecided XA
// transactions. Refusals become findings themselves.
Status CheckLog(SourceSession& session, const Catalog& catalog, std::vector<Finding>& findings);

}  // namespace starlift::mysql
