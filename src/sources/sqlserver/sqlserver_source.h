#pragma once

#include <memory>

#include "sources/source.h"

namespace starlift::sqlserver {

// SQL Server 2012 and later, Azure SQL: structure and checks; rows can't be read yet. Without a
// database, all of the server that the login may enter. Connects lazily: an unreachable server
// shows at the first call. Is a DdlFactsReader, too.
Result<std::unique_ptr<Source>> OpenSqlserverSource(const SourceConfig& config);

}  // namespace starlift::sqlserver
