#include "base/quantity.h"

#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <span>

#include <fmt/format.h>

namespace starlift {
namespace {

struct Unit {
  std::string_view name;
  double factor;
};

constexpr std::array kByteUnits = {
    Unit{"", 1},         Unit{"b", 1},        Unit{"k", 0x1p10},   Unit{"kb", 0x1p10},
    Unit{"kib", 0x1p10}, Unit{"m", 0x1p20},   Unit{"mb", 0x1p20},  Unit{"mib", 0x1p20},
    Unit{"g", 0x1p30},   Unit{"gb", 0x1p30},  Unit{"gib", 0x1p30}, Unit{"t", 0x1p40},
    Unit{"tb", 0x1p40},  Unit{"tib", 0x1p40},
};

constexpr std::array kDurationUnits = {
    Unit{"", 1e3},   Unit{"ms", 1},     Unit{"s", 1e3},    Unit{"sec", 1e3},
    Unit{"m", 60e3}, Unit{"min", 60e3}, Unit{"h", 3600e3}, Unit{"d", 86400e3},
};

std::string_view Trim(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

// A non-negative number and one of `units`; nullopt-like NaN where it is neither.
double ParseWithUnit(std::string_view text, std::span<const Unit> units) {
  constexpr double kBad = std::numeric_limits<double>::quiet_NaN();
  text = Trim(text);
  double number = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
  if (error != std::errc() || std::signbit(number) || !std::isfinite(number)) return kBad;
  std::string name(Trim(text.substr(end - text.data())));
  for (char& c : name) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  for (const Unit& unit : units) {
    if (unit.name == name) return number * unit.factor;
  }
  return kBad;
}

constexpr double kLargest = 0x1p62;  // well inside int64, so that sums of quantities are too

}  // namespace

Result<uint64_t> ParseBytes(std::string_view text) {
  const double bytes = ParseWithUnit(text, kByteUnits);
  if (!(bytes <= kLargest)) {
    return Error{ErrorKind::kUsage, fmt::format("'{}' is not a size", text), "",
                 "write it like 64MiB or 2GiB"};
  }
  return static_cast<uint64_t>(bytes);
}

Result<std::chrono::milliseconds> ParseDuration(std::string_view text) {
  const double milliseconds = ParseWithUnit(text, kDurationUnits);
  if (!(milliseconds <= kLargest)) {
    return Error{ErrorKind::kUsage, fmt::format("'{}' is not a duration", text), "",
                 "write it like 500ms, 30s, 10min or 2h"};
  }
  return std::chrono::milliseconds(static_cast<int64_t>(milliseconds));
}

Result<int64_t> ParseInteger(std::string_view text) {
  int64_t number = 0;
  const char* const last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, number);
  if (error != std::errc() || end != last) {
    return Error{ErrorKind::kUsage, fmt::format("'{}' is not a whole number", text), "",
                 "write it in digits only"};
  }
  return number;
}

std::string FormatBytes(uint64_t bytes) {
  constexpr std::array<std::string_view, 5> kNames = {"B", "KiB", "MiB", "GiB", "TiB"};
  double amount = static_cast<double>(bytes);
  size_t unit = 0;
  while (amount >= 1024 && unit + 1 < kNames.size()) {
    amount /= 1024;
    ++unit;
  }
  if (unit == 0) return fmt::format("{} B", bytes);
  return fmt::format("{:.{}f} {}", amount, amount < 100 ? 1 : 0, kNames[unit]);
}

std::string FormatDuration(std::chrono::milliseconds duration) {
  const int64_t milliseconds = std::max<int64_t>(0, duration.count());
  if (milliseconds < 10'000)
    return fmt::format("{:.1f} s", static_cast<double>(milliseconds) / 1e3);
  const int64_t seconds = milliseconds / 1000;
  if (seconds < 60) return fmt::format("{} s", seconds);
  if (seconds < 3600) return fmt::format("{} min {:02} s", seconds / 60, seconds % 60);
  return fmt::format("{} h {:02} min", seconds / 3600, seconds % 3600 / 60);
}

std::string FormatCount(uint64_t count) {
  std::string digits = std::to_string(count);
  for (size_t i = digits.size(); i > 3; i -= 3) digits.insert(i - 3, ",");
  return digits;
}

}  // namespace starlift
