#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace starlift::sandbox::ddl {

// A moment in seconds since 1970 as a calendar text, for partition bounds. Years 0 to 9999.
std::optional<int64_t> ParseMoment(std::string_view text);  // date, or date and time
std::string DateText(int64_t seconds);                      // 2024-01-01
std::string DateTimeText(int64_t seconds);                  // 2024-01-01 00:00:00

// `count` units (YEAR, QUARTER, MONTH, WEEK, DAY, HOUR, MINUTE, SECOND) later; the day of the month
// is kept where the month has it.
int64_t AddUnits(int64_t seconds, std::string_view unit, int64_t count);
// The start of the unit that the moment lies in; weeks begin on Monday.
int64_t TruncateToUnit(int64_t seconds, std::string_view unit);
// The part of a partition's name: 20240101 for DAY, 202401 for MONTH, 2024 for YEAR, ….
std::string UnitLabel(int64_t seconds, std::string_view unit);

}  // namespace starlift::sandbox::ddl
