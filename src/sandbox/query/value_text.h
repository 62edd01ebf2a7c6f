#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sandbox/query/int128.h"

// How StarRocks writes values as text, in results and in casts, and reads moments.
namespace starlift::sandbox::query {

std::string DoubleText(double value);
std::string FloatText(float value);
// Microseconds since 1970 as "2024-01-01 10:00:00", with ".123456" only where it isn't zero.
std::string DateTimeText(int64_t micros);
std::string DateText(int32_t days);  // since 1970
std::string HugeText(Int128 value);
// Seconds as "01:02:03".
std::string TimeText(double seconds);
// JSON with ", " and ": ", keys sorted, as StarRocks shows it. Other text comes back as it is.
std::string JsonText(std::string_view json);

// "2024-01-01", "2024-1-1 1:2:3.5", "20240101", "20240101102030", with T or blank between; nullopt
// where StarRocks gives NULL.
std::optional<int64_t> ParseDateTime(std::string_view text);

}  // namespace starlift::sandbox::query
