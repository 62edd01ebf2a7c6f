#pragma once

#include <memory>

#include "sources/source.h"

namespace starlift::mysql {

// MySQL 5.6–9.x and MariaDB 10–11. Connects lazily: an unreachable server shows at the first call.
Result<std::unique_ptr<Source>> OpenMysqlSource(const SourceConfig& config);

}  // namespace starlift::mysql
