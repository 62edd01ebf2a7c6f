#pragma once

#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "base/option.h"
#include "base/result.h"
#include "sources/source.h"

namespace starlift {

// Names what follows `?` in a source's URL: (declaration's name, checked value), in the order
// given.
using SourceOptionValues = std::vector<std::pair<std::string_view, OptionValue>>;

// Checks what the user gave against the declarations of one kind of source (`title`: "PostgreSQL").
// `_` may stand for `-`, and case doesn't count in names and choices. kUsage for an unknown option,
// with the nearest known name, or for a value that cannot be. The names point into `declarations`.
Result<SourceOptionValues> ReadSourceOptionValues(const SourceConfig& config,
                                                  std::string_view title,
                                                  std::span<const OptionDeclaration> declarations);

}  // namespace starlift
