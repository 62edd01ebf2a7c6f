#include "mapping/default_values.h"

#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include "starrocks/calendar.h"

namespace starlift::mapping {
namespace {

using starrocks::DateCheck;
using starrocks::TargetColumn;
using starrocks::TargetDefaultKind;
using starrocks::TargetTypeKind;

bool IsIntegerText(std::string_view text, size_t most_digits) {
  if (text.starts_with('-')) text.remove_prefix(1);
  if (text.empty() || text.size() > most_digits) return false;
  return text.find_first_not_of("0123456789") == std::string_view::npos;
}

template <typename T>
bool FitsInteger(std::string_view text) {
  T value{};
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  return failure == std::errc{} && end == text.data() + text.size();
}

bool FitsDecimal(std::string_view text, uint8_t precision, uint8_t scale) {
  if (text.starts_with('-')) text.remove_prefix(1);
  const size_t point = text.find('.');
  const std::string_view whole = text.substr(0, point);
  const std::string_view fraction =
      point == std::string_view::npos ? std::string_view{} : text.substr(point + 1);
  const auto digits = [](std::string_view part) {
    return part.find_first_not_of("0123456789") == std::string_view::npos;
  };
  return !whole.empty() && digits(whole) && digits(fraction) && fraction.size() <= scale &&
         whole.size() <= size_t{precision} - scale + (whole == "0" ? 1 : 0);
}

// StarRocks refuses a FLOAT default that it would round.
bool FitsFloat(std::string_view text, bool single) {
  double value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) {
    return false;
  }
  return !single || static_cast<double>(static_cast<float>(value)) == value;
}

bool Accepts(const TargetColumn& column, std::string_view text) {
  switch (column.type.kind) {
    case TargetTypeKind::kTinyInt:
      return FitsInteger<int8_t>(text);
    case TargetTypeKind::kSmallInt:
      return FitsInteger<int16_t>(text);
    case TargetTypeKind::kInt:
      return FitsInteger<int32_t>(text);
    case TargetTypeKind::kBigInt:
      return FitsInteger<int64_t>(text);
    case TargetTypeKind::kLargeInt:
      return IsIntegerText(text, 38);
    case TargetTypeKind::kDecimal:
      return FitsDecimal(text, column.type.precision, column.type.scale);
    case TargetTypeKind::kFloat:
      return FitsFloat(text, true);
    case TargetTypeKind::kDouble:
      return FitsFloat(text, false);
    case TargetTypeKind::kDate:
      return starrocks::CheckDate(text) == DateCheck::kValid;
    case TargetTypeKind::kDateTime:
      return starrocks::CheckDateTime(text) == DateCheck::kValid;
    case TargetTypeKind::kVarchar:
      return text.size() <= column.type.length;
    default:
      return false;  // BOOLEAN, JSON, VARBINARY take no default
  }
}

}  // namespace

std::string MapDefault(const Column& source, TargetColumn& target) {
  target.default_kind = TargetDefaultKind::kNone;
  switch (source.default_kind) {
    case DefaultKind::kNone:
      return "";
    case DefaultKind::kNull:
      return "";  // a nullable column is NULL without being told
    case DefaultKind::kCurrentTimestamp:
      if (target.type.kind != TargetTypeKind::kDateTime) break;
      target.default_kind = TargetDefaultKind::kCurrentTimestamp;
      return "";
    case DefaultKind::kLiteral:
      // Labels and dates of a column that lands as hex, or as other text than the source's.
      if (IsBinary(source.type.kind) || !Accepts(target, source.default_text)) break;
      target.default_kind = TargetDefaultKind::kLiteral;
      target.default_text = source.default_text;
      return "";
    case DefaultKind::kExpression:
      break;
  }
  const std::string_view text = source.default_kind == DefaultKind::kCurrentTimestamp
                                    ? std::string_view("CURRENT_TIMESTAMP")
                                    : std::string_view(source.default_text);
  return fmt::format("default {} left out: StarRocks takes no such default there", text);
}

}  // namespace starlift::mapping
