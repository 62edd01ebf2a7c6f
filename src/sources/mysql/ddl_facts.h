#pragma once

#include "base/result.h"
#include "sources/ddl_facts.h"
#include "sources/mysql/session.h"

namespace starlift::mysql {

// Creation times, sizes with indexes, and every key of the catalog's tables. Two queries.
Result<DdlFacts> ReadMysqlDdlFacts(SourceSession& session, const Catalog& catalog);

}  // namespace starlift::mysql
