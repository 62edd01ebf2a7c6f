#include <algorithm>
#include <charconv>
#include <cmath>

#include "sandbox/load/value_parser.h"

namespace starlift::sandbox::load {
namespace {

constexpr int kMaxPrecision = 38;

bool IsBlank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }

std::string_view TrimBlanks(std::string_view text) {
  while (!text.empty() && IsBlank(text.front())) text.remove_prefix(1);
  while (!text.empty() && IsBlank(text.back())) text.remove_suffix(1);
  return text;
}

// from_chars knows no leading '+'.
std::string_view WithoutPlus(std::string_view text) {
  if (text.size() > 1 && text[0] == '+' && text[1] != '-') text.remove_prefix(1);
  return text;
}

template <typename T>
std::optional<T> WholeNumber(std::string_view text) {
  text = WithoutPlus(TrimBlanks(text));
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

Int128 PowerOfTen(int exponent) {
  Int128 power = 1;
  for (int i = 0; i < exponent; ++i) power *= 10;
  return power;
}

}  // namespace

std::optional<int64_t> ParseInteger(std::string_view text, int64_t minimum, int64_t maximum) {
  std::optional<int64_t> value = WholeNumber<int64_t>(text);
  if (!value) {
    const std::optional<double> number = WholeNumber<double>(text);
    // 2^63 itself is a double, but no int64.
    if (!number || !(std::fabs(*number) < 9223372036854775808.0)) return std::nullopt;
    value = static_cast<int64_t>(*number);
  }
  if (*value < minimum || *value > maximum) return std::nullopt;
  return value;
}

std::optional<Int128> ParseLargeInt(std::string_view text) {
  const std::string_view all = TrimBlanks(text);
  std::string_view digits = all;
  const bool negative = !digits.empty() && digits[0] == '-';
  if (!digits.empty() && (digits[0] == '-' || digits[0] == '+')) digits.remove_prefix(1);
  if (digits.empty()) return std::nullopt;
  if (!std::all_of(digits.begin(), digits.end(), IsDigit)) {
    const std::optional<int64_t> cut = ParseInteger(all, INT64_MIN, INT64_MAX);
    return cut ? std::optional<Int128>(*cut) : std::nullopt;
  }
  constexpr UInt128 kLimit = static_cast<UInt128>(1) << 127;
  UInt128 value = 0;
  for (char c : digits) {
    const auto digit = static_cast<unsigned>(c - '0');
    if (value > (kLimit - digit) / 10) return std::nullopt;
    value = value * 10 + digit;
  }
  if (!negative && value == kLimit) return std::nullopt;
  return static_cast<Int128>(negative ? -value : value);
}

std::optional<float> ParseFloat(std::string_view text) { return WholeNumber<float>(text); }
std::optional<double> ParseDouble(std::string_view text) { return WholeNumber<double>(text); }

std::optional<bool> ParseBoolean(std::string_view text) {
  const auto is = [&](std::string_view word) {
    return std::equal(text.begin(), text.end(), word.begin(), word.end(),
                      [](char a, char b) { return (a | 0x20) == b; });
  };
  if (is("true")) return true;
  if (is("false")) return false;
  const std::optional<double> number = WholeNumber<double>(text);
  return number ? std::optional<bool>(*number != 0) : std::nullopt;
}

std::optional<Int128> ParseDecimal(std::string_view text, int precision, int scale) {
  text = TrimBlanks(text);
  const bool negative = !text.empty() && text[0] == '-';
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) text.remove_prefix(1);

  const size_t exponent_mark = text.find_first_of("eE");
  int exponent = 0;
  if (exponent_mark != std::string_view::npos) {
    const std::string_view digits = WithoutPlus(text.substr(exponent_mark + 1));
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), exponent);
    if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
    exponent = std::clamp(exponent, -1000, 1000);
    text = text.substr(0, exponent_mark);
  }
  const size_t point = std::min(text.find('.'), text.size());
  const std::string_view whole = text.substr(0, point);
  const std::string_view fraction = point < text.size() ? text.substr(point + 1) : "";
  if (whole.empty() && fraction.empty()) return std::nullopt;

  // Digits of the value times 10^scale: those before `kept` count, the next one rounds.
  const auto kept = static_cast<int64_t>(whole.size()) + exponent + scale;
  const Int128 limit = PowerOfTen(std::min(precision, kMaxPrecision));
  Int128 value = 0;
  const auto total = static_cast<int64_t>(whole.size() + fraction.size());
  for (int64_t i = 0; i < std::max(kept, total); ++i) {
    char c = '0';
    if (i < static_cast<int64_t>(whole.size())) {
      c = whole[static_cast<size_t>(i)];
    } else if (i < total) {
      c = fraction[static_cast<size_t>(i) - whole.size()];
    }
    if (!IsDigit(c)) return std::nullopt;
    if (i < kept) {
      if (value == 0 && c == '0') continue;
      value = value * 10 + (c - '0');
      if (value >= limit) return std::nullopt;
    } else if (i == kept && c >= '5') {
      ++value;
    }
  }
  if (value >= limit) return std::nullopt;
  return negative ? -value : value;
}

}  // namespace starlift::sandbox::load
