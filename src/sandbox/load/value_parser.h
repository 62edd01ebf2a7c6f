#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// Texts of values as StarRocks' backends read them in load bodies. Pure functions; nullopt is
// "not a value of the type", which the loader turns into NULL or a filtered row.
namespace starlift::sandbox::load {

__extension__ typedef __int128 Int128;
__extension__ typedef unsigned __int128 UInt128;

// Integer text, else a number with fraction or exponent, cut towards zero; nullopt outside
// [minimum, maximum]. Blanks around it are let pass, as the backends' number parser does.
std::optional<int64_t> ParseInteger(std::string_view text, int64_t minimum, int64_t maximum);
std::optional<Int128> ParseLargeInt(std::string_view text);

std::optional<float> ParseFloat(std::string_view text);
std::optional<double> ParseDouble(std::string_view text);

// true/false in any case, else a number: 0 is false.
std::optional<bool> ParseBoolean(std::string_view text);

// The value times 10^scale. Extra fraction digits are rounded half away from zero; an integer part
// too long for the precision is nullopt.
std::optional<Int128> ParseDecimal(std::string_view text, int precision, int scale);

// Days since 1970-01-01, and microseconds since 1970-01-01 00:00:00. The forms of DATE and DATETIME
// text: YYYY-MM-DD[( |T)HH:MM:SS[.ffffff]], with any punctuation, YYYYMMDD, YYMMDD,
// YYYYMMDD[T]HHMMSS; two-digit years below 70 are 20xx. Fraction digits after the sixth are
// dropped, a zone after the time is ignored.
std::optional<int32_t> ParseDate(std::string_view text);
std::optional<int64_t> ParseDateTime(std::string_view text);

// VARBINARY: base64 if the text is that, else its bytes.
std::string ParseBinary(std::string_view text);

}  // namespace starlift::sandbox::load
