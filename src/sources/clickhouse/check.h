#pragma once

#include <vector>

#include "data/finding.h"
#include "data/table.h"
#include "sources/clickhouse/options.h"
#include "sources/clickhouse/session.h"

namespace starlift::clickhouse {

// What stands in the way of reading these tables, or will surprise: line, port, privileges, engines
// that merge rows behind one's back, keys, types.
Result<std::vector<Finding>> CheckClickhouse(Session& session, const ConnectOptions& options,
                                             const Catalog& catalog);

}  // namespace starlift::clickhouse
