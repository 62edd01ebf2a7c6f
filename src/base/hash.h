#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace starlift {

// A fast 64-bit hash of bytes, the same on every machine and in every release: it is stored and put
// into labels. Not for adversaries. Chain parts by passing the hash so far as the seed.
uint64_t HashBytes(std::string_view bytes, uint64_t seed = 0);

// The lower `digits` (at most 16) hexadecimal digits, lower case.
std::string HexDigits(uint64_t hash, int digits);

}  // namespace starlift
