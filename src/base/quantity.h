#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace starlift {

// Numbers as people write them. All parsers refuse what is left over, and overflow.

// "64MiB", "64M", "1.5 GiB", "4096": powers of 1024, also for K, M, G, T and KB … TB.
Result<uint64_t> ParseBytes(std::string_view text);

// "500ms", "10s", "10 min", "10m", "2h", "1d"; a bare number is seconds.
Result<std::chrono::milliseconds> ParseDuration(std::string_view text);

// Decimal digits, with a sign for negative ones. "1_000_000" and "1,000,000" are not numbers.
Result<int64_t> ParseInteger(std::string_view text);

// "1.5 GiB", "312 B".
std::string FormatBytes(uint64_t bytes);

// "0.4 s", "12 s", "3 min 05 s", "2 h 10 min".
std::string FormatDuration(std::chrono::milliseconds duration);

// "1,234,567".
std::string FormatCount(uint64_t count);

}  // namespace starlift
