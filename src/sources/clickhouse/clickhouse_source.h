#pragma once

#include <memory>

#include "sources/source.h"

namespace starlift::clickhouse {

// ClickHouse over HTTP: structure and checks; rows can't be read yet. Connects lazily: an
// unreachable server shows at the first call. Is a DdlFactsReader, too.
Result<std::unique_ptr<Source>> OpenClickhouseSource(const SourceConfig& config);

}  // namespace starlift::clickhouse
