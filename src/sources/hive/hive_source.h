#pragma once

#include <memory>

#include "sources/source.h"

namespace starlift::hive {

// Hive through HiveServer2 (0.13 and later), or Spark's Thrift Server: structure and checks; rows
// can't be read yet. Connects lazily: an unreachable server shows at the first call. Is a
// DdlFactsReader, too.
Result<std::unique_ptr<Source>> OpenHiveSource(const SourceConfig& config);

}  // namespace starlift::hive
