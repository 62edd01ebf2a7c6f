#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace starlift::state {

// A chunk's bound as bytes: for each cell its length (4 bytes, little endian), then its bytes.
std::string EncodeBound(const std::vector<std::string>& cells);

// kData if the bytes aren't what EncodeBound made.
Result<std::vector<std::string>> DecodeBound(std::string_view bytes);

}  // namespace starlift::state
