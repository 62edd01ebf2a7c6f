#pragma once

#include <cstddef>
#include <string_view>

namespace starlift::starrocks {

// Most bytes that one byte of text becomes in a JSON string.
inline constexpr size_t kJsonEscapeFactor = 6;

// Writes `text` as the inside of a JSON string and gives the end. `to` has room for
// kJsonEscapeFactor bytes per byte of text, and 16 more.
char* EscapeJson(std::string_view text, char* to);

// Whether `text` is one JSON value by RFC 8259, blanks around it allowed. Numbers may have any
// length. Doesn't look at the bytes of multi-byte characters: check UTF-8 apart.
bool IsJson(std::string_view text);

}  // namespace starlift::starrocks
