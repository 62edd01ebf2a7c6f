#pragma once

#include <string>
#include <string_view>

namespace starlift::starrocks {

// Replaces `text` by the well-known text of a geometry (4 bytes SRID, little endian, then WKB; OGC
// 06-103r4, 8.2), with "SRID=n;" before it when n is not 0. Coordinates come in stored order, x
// before y, in the shortest form that reads back to the same double. False for bytes that are no
// geometry.
bool WriteWellKnownText(std::string_view geometry, std::string& text);

}  // namespace starlift::starrocks
