#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "data/finding.h"
#include "data/table.h"
#include "sources/mysql/session.h"

namespace starlift::mysql {

// What stands in the way of reading these tables, or will surprise: privileges, versions, charsets,
// keys, engines, types; with `incremental` also what the log needs. In order of gravity.
Result<std::vector<Finding>> CheckMysqlSource(SourceSession& session, const Catalog& catalog,
                                              bool incremental);

}  // namespace starlift::mysql
