#include "sandbox/query/value_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include <nlohmann/json.hpp>

namespace starlift::sandbox::query {
namespace {

constexpr int64_t kMicrosPerSecond = 1'000'000;
constexpr int64_t kMicrosPerDay = 86'400 * kMicrosPerSecond;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

std::optional<int64_t> Micros(int64_t year, int64_t month, int64_t day, int64_t second_of_day,
                              int64_t micros) {
  using namespace std::chrono;
  if (year < 0 || year > 9999 || month < 1 || month > 12 || day < 1 || day > 31)
    return std::nullopt;
  const year_month_day date{std::chrono::year(static_cast<int>(year)),
                            std::chrono::month(static_cast<unsigned>(month)),
                            std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok()) return std::nullopt;
  const int64_t days = sys_days(date).time_since_epoch().count();
  return days * kMicrosPerDay + second_of_day * kMicrosPerSecond + micros;
}

void AppendJson(const nlohmann::json& value, std::string* out) {
  if (value.is_object()) {
    *out += '{';
    bool first = true;
    for (const auto& [key, member] : value.items()) {
      if (!first) *out += ", ";
      first = false;
      *out +=
          nlohmann::json(key).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + ": ";
      AppendJson(member, out);
    }
    *out += '}';
  } else if (value.is_array()) {
    *out += '[';
    for (size_t i = 0; i < value.size(); ++i) {
      if (i > 0) *out += ", ";
      AppendJson(value[i], out);
    }
    *out += ']';
  } else if (value.is_number_float()) {
    *out += DoubleText(value.get<double>());
  } else {
    *out += value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  }
}

}  // namespace

// Shortest of 15 or 17 digits that reads back the same.
std::string DoubleText(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  char buffer[40];
  std::snprintf(buffer, sizeof buffer, "%.15g", value);
  if (std::strtod(buffer, nullptr) != value) std::snprintf(buffer, sizeof buffer, "%.17g", value);
  return buffer;
}

std::string FloatText(float value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  char buffer[40];
  for (int digits = 6; digits <= 9; ++digits) {
    std::snprintf(buffer, sizeof buffer, "%.*g", digits, static_cast<double>(value));
    if (std::strtof(buffer, nullptr) == value) break;
  }
  return buffer;
}

std::string DateText(int32_t days) {
  const std::chrono::year_month_day date{std::chrono::sys_days(std::chrono::days(days))};
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, "%04d-%02u-%02u", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
  return buffer;
}

std::string DateTimeText(int64_t micros) {
  int64_t days = micros / kMicrosPerDay;
  int64_t rest = micros % kMicrosPerDay;
  if (rest < 0) {
    rest += kMicrosPerDay;
    --days;
  }
  const int64_t second = rest / kMicrosPerSecond;
  const auto fraction = static_cast<int>(rest % kMicrosPerSecond);
  char buffer[48];
  std::snprintf(buffer, sizeof buffer, " %02d:%02d:%02d", static_cast<int>(second / 3600),
                static_cast<int>(second / 60 % 60), static_cast<int>(second % 60));
  std::string text = DateText(static_cast<int32_t>(days)) + buffer;
  if (fraction != 0) {
    std::snprintf(buffer, sizeof buffer, ".%06d", fraction);
    text += buffer;
  }
  return text;
}

std::string HugeText(Int128 value) {
  if (value == 0) return "0";
  const bool negative = value < 0;
  auto rest = negative ? -static_cast<UInt128>(value) : static_cast<UInt128>(value);
  std::string digits;
  for (; rest > 0; rest /= 10) digits += static_cast<char>('0' + static_cast<int>(rest % 10));
  if (negative) digits += '-';
  std::reverse(digits.begin(), digits.end());
  return digits;
}

std::string TimeText(double seconds) {
  const bool negative = seconds < 0;
  const auto whole = static_cast<int64_t>(std::llabs(static_cast<long long>(seconds)));
  char buffer[48];
  std::snprintf(buffer, sizeof buffer, "%s%02lld:%02lld:%02lld", negative ? "-" : "",
                static_cast<long long>(whole / 3600), static_cast<long long>(whole / 60 % 60),
                static_cast<long long>(whole % 60));
  return buffer;
}

std::string JsonText(std::string_view json) {
  const nlohmann::json parsed = nlohmann::json::parse(json, nullptr, false);
  if (parsed.is_discarded()) return std::string(json);
  std::string text;
  AppendJson(parsed, &text);
  return text;
}

std::optional<int64_t> ParseDateTime(std::string_view text) {
  const auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  std::array<int64_t, 6> parts{};
  size_t count = 0;
  size_t at = 0;
  const auto number = [&](size_t max_digits) -> std::optional<int64_t> {
    const size_t begin = at;
    while (at < text.size() && IsDigit(text[at]) && at - begin < max_digits) ++at;
    int64_t value = 0;
    if (begin == at) return std::nullopt;
    std::from_chars(text.data() + begin, text.data() + at, value);
    return value;
  };
  const size_t digits =
      static_cast<size_t>(std::find_if_not(text.begin(), text.end(), IsDigit) - text.begin());
  if (digits == 8 || digits == 14 || digits == 6 || digits == 12) {  // without separators
    const bool short_year = digits == 6 || digits == 12;
    for (const size_t width : {short_year ? size_t{2} : size_t{4}, size_t{2}, size_t{2}, size_t{2},
                               size_t{2}, size_t{2}}) {
      if (at >= digits) break;
      const auto part = number(width);
      if (!part) return std::nullopt;
      parts[count++] = *part;
    }
    if (short_year) parts[0] += parts[0] < 70 ? 2000 : 1900;
  } else {
    static constexpr std::string_view kSeparators[] = {"-/.", "-/.", " T", ":", ":"};
    while (count < parts.size()) {
      const auto part = number(count == 0 ? 4 : 2);
      if (!part) return std::nullopt;
      const size_t width = at;
      if (count == 0 && width == 2)
        parts[0] = *part + (*part < 70 ? 2000 : 1900);
      else
        parts[count] = *part;
      ++count;
      if (at == text.size() || count == parts.size()) break;
      if (kSeparators[count - 1].find(text[at]) == std::string_view::npos) break;
      ++at;
      while (count == 3 && at < text.size() && text[at] == ' ') ++at;
    }
    if (count < 3) return std::nullopt;
  }
  int64_t micros = 0;
  if (at < text.size() && text[at] == '.' && count == parts.size()) {
    ++at;
    int64_t scale = 100'000;
    for (; at < text.size() && IsDigit(text[at]); ++at, scale /= 10)
      micros += (text[at] - '0') * scale;
  }
  if (at != text.size()) return std::nullopt;
  if (parts[3] > 23 || parts[4] > 59 || parts[5] > 59) return std::nullopt;
  return Micros(parts[0], parts[1], parts[2], parts[3] * 3600 + parts[4] * 60 + parts[5], micros);
}

}  // namespace starlift::sandbox::query
