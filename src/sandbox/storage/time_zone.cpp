#include "sandbox/storage/time_zone.h"

#include <cstdio>
#include <optional>

#include <fmt/format.h>

#include "sandbox/storage/physical_table.h"

namespace starlift::sandbox {
namespace {

// Seconds east of Greenwich of "+09:00" or "-3:30"; nullopt: a name.
std::optional<int> OffsetSeconds(std::string_view zone) {
  if (zone.empty() || (zone[0] != '+' && zone[0] != '-')) return std::nullopt;
  int hours = 0;
  int minutes = 0;
  if (std::sscanf(std::string(zone.substr(1)).c_str(), "%d:%d", &hours, &minutes) != 2) {
    return std::nullopt;
  }
  constexpr int kSecondsPerHour = 3600;
  constexpr int kSecondsPerMinute = 60;
  const int seconds = hours * kSecondsPerHour + minutes * kSecondsPerMinute;
  return zone[0] == '-' ? -seconds : seconds;
}

}  // namespace

std::string LocalTimeSql(std::string_view zone, const std::string& moment) {
  const std::optional<int> offset = OffsetSeconds(zone);
  if (!offset) return fmt::format("timezone({}, {})", QuoteLiteral(zone), moment);
  return fmt::format("(timezone('UTC', {}) + to_seconds({}))", moment, *offset);
}

std::string MomentSql(std::string_view zone, const std::string& local_time) {
  const std::optional<int> offset = OffsetSeconds(zone);
  if (!offset) return fmt::format("timezone({}, {})", QuoteLiteral(zone), local_time);
  return fmt::format("timezone('UTC', {} - to_seconds({}))", local_time, *offset);
}

}  // namespace starlift::sandbox
