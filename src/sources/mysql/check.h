#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "data/finding.h"
#include "data/table.h"
#include "sources/mysql/session.h"

namespace starlift::mysql {

// What stands in the way of reading these tables, or will surprise: privileges, versions, keys,
// engines, types; with `incremental` also what the log needs. Gravest first. `remote`: the server
// is on another machine.
Result<std::vector<Finding>> CheckMysqlSource(SourceSession& session, const Catalog& catalog,
                                              bool remote, bool incremental);

// "'user'@'host'" as GRANT wants it.
Result<std::string> CurrentUser(SourceSession& session);

}  // namespace starlift::mysql
