#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace starlift::mysql {

// Applies the differences of a PARTIAL_UPDATE_ROWS value (a run of: operation, path, value) to a
// binary JSON document and appends the outcome's text as the server prints it. kData: damaged
// bytes, or a path that leads nowhere. Format: MySQL WL#2955, "Json_diff_vector::write_binary".
Status ApplyJsonDifferences(std::string_view document, std::string_view differences,
                            std::string& text);

}  // namespace starlift::mysql
