#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace starlift::starrocks {

enum class DateCheck {
  kValid,
  kImpossible,  // zero month or day, 30 February, hour 24, second 60
  kIllFormed,   // not YYYY-MM-DD[ HH:MM:SS[.ffffff]]
};

DateCheck CheckDate(std::string_view text);
DateCheck CheckDateTime(std::string_view text);

// Bytes that ShiftDateTime may write.
inline constexpr size_t kMaxDateTimeBytes = 32;

// Writes a valid date and time moved by `seconds`, its fraction unchanged, and gives the end;
// nullptr if the year leaves 0000 … 9999.
char* ShiftDateTime(std::string_view text, int32_t seconds, char* to);

}  // namespace starlift::starrocks
