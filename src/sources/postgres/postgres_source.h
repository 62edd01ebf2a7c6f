#pragma once

#include <memory>

#include "sources/source.h"

namespace starlift::postgres {

// PostgreSQL 10–18: structure and checks; rows can't be read yet. Without a database, all of the
// server that may be connected to. Connects lazily: an unreachable server shows at the first call.
// Is a DdlFactsReader, too.
Result<std::unique_ptr<Source>> OpenPostgresSource(const SourceConfig& config);

}  // namespace starlift::postgres
