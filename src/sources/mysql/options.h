#pragma once

#include <span>

#include "base/option.h"
#include "base/result.h"
#include "sources/source.h"
#include "wire/mysql/client.h"

namespace starlift::mysql {

// What may follow `?` in a mysql:// URL.
std::span<const OptionDeclaration> SourceOptions();

// kUsage for an unknown option (with the nearest known name) or a value that cannot be.
Result<wire::mysql::ClientOptions> ReadSourceOptions(const SourceConfig& config);

}  // namespace starlift::mysql
