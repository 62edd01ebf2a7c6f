#include "sandbox/ddl/default_value.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <regex>

#include "sandbox/ddl/statement_context.h"

namespace starlift::sandbox::ddl {

using catalog::DataType;
using catalog::TypeKind;

namespace {

constexpr int kUuidLength = 36;
constexpr size_t kMaxLargeIntDigits = 39;

struct IntegerRange {
  int64_t low;
  int64_t high;
};

IntegerRange RangeOf(TypeKind kind) {
  switch (kind) {
    case TypeKind::kTinyInt:
      return {INT8_MIN, INT8_MAX};
    case TypeKind::kSmallInt:
      return {INT16_MIN, INT16_MAX};
    case TypeKind::kInt:
      return {INT32_MIN, INT32_MAX};
    default:
      return {INT64_MIN, INT64_MAX};
  }
}

bool IsIntegerText(std::string_view text) {
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) text.remove_prefix(1);
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::string IntegerProblem(const DataType& type, std::string_view text) {
  const std::string shown(text);
  if (!IsIntegerText(text)) return "Invalid number format: " + shown;
  if (type.kind == TypeKind::kLargeInt) {
    return text.size() > kMaxLargeIntDigits + 1
               ? "Number out of range[" + shown + "]. type: LARGEINT"
               : "";
  }
  if (text[0] == '+') text.remove_prefix(1);
  int64_t number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  const IntegerRange range = RangeOf(type.kind);
  if (parsed.ec != std::errc() || number < range.low || number > range.high) {
    return "Number out of range[" + shown + "]. type: " + catalog::ErrorName(type);
  }
  return "";
}

std::string FloatProblem(const DataType& type, std::string_view text) {
  const std::string shown(text);
  char* end = nullptr;
  const double number = std::strtod(shown.c_str(), &end);
  if (shown.empty() || *end != '\0') return "Invalid floating-point literal: " + shown;
  const bool narrow = type.kind == TypeKind::kFloat;
  if (std::isinf(number) || (narrow && std::isinf(static_cast<float>(number)))) {
    return "Invalid literal:Infinity";
  }
  if (std::isnan(number)) return "Invalid literal:NaN";
  return "";
}

// Digits before and after the point, leading zeros left out.
std::string DecimalProblem(const DataType& type, std::string_view text) {
  static const std::regex kPattern(R"(^[+-]?(\d*)(?:\.(\d*))?$)");
  const std::string shown(text);
  std::smatch match;
  if (!std::regex_match(shown, match, kPattern) || match.length(1) + match.length(2) == 0) {
    return "Invalid floating-point literal: " + shown;
  }
  const std::string whole = match.str(1);
  const size_t significant = whole.size() - std::min(whole.find_first_not_of('0'), whole.size());
  const int scale = static_cast<int>(match.length(2));
  const int integer_digits = static_cast<int>(significant);
  if (integer_digits > type.precision - type.scale) {
    return "Type " + catalog::ErrorName(type) + " is too narrow to hold the DecimalLiteral '" +
           shown + "' (precision=" + std::to_string(std::max(1, integer_digits + scale)) +
           ", scale=" + std::to_string(scale) + ")";
  }
  return "";
}

std::string BooleanProblem(std::string_view text) {
  const std::string lower = ToLower(text);
  if (lower == "true" || lower == "false" || lower == "1" || lower == "0") return "";
  return "Invalid BOOLEAN literal: " + std::string(text);
}

bool InRange(std::string_view digits, int low, int high) {
  int number = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return number >= low && number <= high;
}

}  // namespace

bool IsDateText(std::string_view text) {
  static const std::regex kPattern(
      R"(^(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T](\d{1,2}):(\d{1,2}):(\d{1,2})(?:\.\d{1,6})?)?$)");
  std::cmatch match;
  if (!std::regex_match(text.data(), text.data() + text.size(), match, kPattern)) return false;
  const std::chrono::year_month_day date(std::chrono::year(std::stoi(match.str(1))),
                                         std::chrono::month(std::stoi(match.str(2))),
                                         std::chrono::day(std::stoi(match.str(3))));
  if (!date.ok()) return false;
  constexpr int kLastHour = 23;
  constexpr int kLastMinute = 59;
  return !match[4].matched ||
         (InRange(match.str(4), 0, kLastHour) && InRange(match.str(5), 0, kLastMinute) &&
          InRange(match.str(6), 0, kLastMinute));
}

std::string LiteralDefaultProblem(const DataType& type, std::string_view text) {
  const std::string shown(text);
  switch (type.kind) {
    case TypeKind::kTinyInt:
    case TypeKind::kSmallInt:
    case TypeKind::kInt:
    case TypeKind::kBigInt:
    case TypeKind::kLargeInt:
      return IntegerProblem(type, text);
    case TypeKind::kFloat:
    case TypeKind::kDouble:
      return FloatProblem(type, text);
    case TypeKind::kDecimal:
      return DecimalProblem(type, text);
    case TypeKind::kBoolean:
      return BooleanProblem(text);
    case TypeKind::kDate:
    case TypeKind::kDateTime:
      return IsDateText(text) ? "" : "date literal [" + shown + "] is invalid";
    case TypeKind::kChar:
    case TypeKind::kVarchar:
      return text.size() > static_cast<size_t>(type.length) ? "Default value is too long: " + shown
                                                            : "";
    default:
      return "Cannot add default value for type '" + catalog::ErrorName(type) + "'";
  }
}

std::string FunctionDefaultProblem(const DataType& type, std::string_view function) {
  const std::string lower = ToLower(function);
  if (lower == "uuid()" && type.kind == TypeKind::kVarchar) {
    return type.length < kUuidLength
               ? "Varchar type length must be greater than 36 for uuid function"
               : "";
  }
  if (lower == "uuid_numeric()" && type.kind == TypeKind::kLargeInt) return "";
  if (lower == "uuid()" || lower == "uuid_numeric()") {
    return "Default function " + lower + " for type " + catalog::ErrorName(type) +
           " is not supported";
  }
  return "Default expr for function " + lower + " is not supported";
}

}  // namespace starlift::sandbox::ddl
