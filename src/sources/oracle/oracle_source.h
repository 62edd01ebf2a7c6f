#pragma once

#include <memory>

#include "sources/source.h"

namespace starlift::oracle {

// Oracle 11.2 and later: structure and checks; rows can't be read yet. The URL's database is the
// service name. Connects lazily: an unreachable server, or a missing client library, shows at the
// first call. Is a DdlFactsReader, too.
Result<std::unique_ptr<Source>> OpenOracleSource(const SourceConfig& config);

}  // namespace starlift::oracle
