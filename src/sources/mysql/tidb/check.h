#pragma once

#include <vector>

#include "data/finding.h"
#include "sources/mysql/session.h"

namespace starlift::mysql {

// What TiDB itself needs or lacks; the checks of tables and privileges are MySQL's.
Result<std::vector<Finding>> CheckTidb(SourceSession& session, bool incremental);

}  // namespace starlift::mysql
