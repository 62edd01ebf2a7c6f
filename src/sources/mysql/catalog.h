#pragma once

#include <string>

#include "base/result.h"
#include "data/table.h"
#include "sources/mysql/session.h"
#include "sources/source.h"

namespace starlift::mysql {

// Reads the definitions of all base tables that `filter` takes, in a handful of queries over
// information_schema whatever the number of tables. `database` empty: all but the system schemas;
// kNotFound if it is named and not there (or not visible to the user).
Result<Catalog> ReadMysqlCatalog(SourceSession& session, const std::string& database,
                                 const TableFilter& filter);

// "t.TABLE_SCHEMA = 'shop'", or the condition that leaves the system schemas out.
std::string SchemaCondition(const std::string& database, std::string_view column);

// The schemas that belong to the server.
bool IsSystemSchema(std::string_view database);

}  // namespace starlift::mysql
