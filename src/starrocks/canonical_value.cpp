#include "starrocks/canonical_value.h"

#include <charconv>
#include <cstring>

#include <fmt/format.h>

#include "starrocks/canonical_json.h"

namespace starlift::starrocks {
namespace {

bool AreDigits(std::string_view text) {
  for (const char c : text) {
    if (c < '0' || c > '9') return false;
  }
  return true;
}

std::string_view WithoutLeadingZeros(std::string_view digits) {
  while (digits.size() > 1 && digits.front() == '0') digits.remove_prefix(1);
  return digits;
}

// [-]digits[.digits] without zeros that say nothing, and no "-0".
bool AppendNumber(std::string_view text, bool fraction_allowed, std::string& to) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  const size_t point = text.find('.');
  std::string_view whole = text.substr(0, point);
  std::string_view fraction = point == text.npos ? std::string_view() : text.substr(point + 1);
  if (!AreDigits(whole) || !AreDigits(fraction) || whole.size() + fraction.size() == 0)
    return false;
  while (!fraction.empty() && fraction.back() == '0') fraction.remove_suffix(1);
  if (!fraction.empty() && !fraction_allowed) return false;
  whole = whole.empty() ? std::string_view("0") : WithoutLeadingZeros(whole);
  if (negative && (whole != "0" || !fraction.empty())) to += '-';
  to += whole;
  if (!fraction.empty()) {
    to += '.';
    to += fraction;
  }
  return true;
}

template <typename Float>
bool AppendFloat(std::string_view text, std::string& to) {
  Float number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, code] = std::from_chars(text.data(), end, number);
  if (code != std::errc() || stop != end) return false;
  if (number == 0) number = 0;  // −0 is 0
  char bits[sizeof number];
  std::memcpy(bits, &number, sizeof number);
  to.append(bits, sizeof bits);
  return true;
}

constexpr size_t kDateBytes = 10;
constexpr size_t kSecondsBytes = 19;

bool AppendMoment(std::string_view text, std::string& to) {
  if (text.size() == kDateBytes) {
    to += text;
    to += " 00:00:00";
    return true;
  }
  if (text.size() < kSecondsBytes) return false;
  if (text.size() > kSecondsBytes) {
    if (text[kSecondsBytes] != '.') return false;
    while (text.back() == '0') text.remove_suffix(1);
    if (text.back() == '.') text.remove_suffix(1);
  }
  to += text;
  return true;
}

bool AppendBytes(std::string_view hex, std::string& to) {
  const size_t begin = to.size();
  for (const char c : hex) {
    const bool digit = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
    if (!digit && (c < 'A' || c > 'F')) {
      to.resize(begin);
      return false;
    }
    to += digit ? c : static_cast<char>(c - 'A' + 'a');
  }
  return true;
}

}  // namespace

bool AppendCanonicalValue(const TargetType& type, std::string_view text, std::string& to) {
  switch (type.kind) {
    case TargetTypeKind::kBoolean: {
      std::string number;
      if (!AppendNumber(text, true, number)) return false;
      to += number == "0" ? '0' : '1';
      return true;
    }
    case TargetTypeKind::kTinyInt:
    case TargetTypeKind::kSmallInt:
    case TargetTypeKind::kInt:
    case TargetTypeKind::kBigInt:
    case TargetTypeKind::kLargeInt:
      return AppendNumber(text, false, to);
    case TargetTypeKind::kDecimal:
      return AppendNumber(text, true, to);
    case TargetTypeKind::kFloat:
      return AppendFloat<float>(text, to);
    case TargetTypeKind::kDouble:
      return AppendFloat<double>(text, to);
    case TargetTypeKind::kDateTime:
      return AppendMoment(text, to);
    case TargetTypeKind::kVarbinary:
      return AppendBytes(text, to);
    case TargetTypeKind::kJson:
      return AppendCanonicalJson(text, to);
    case TargetTypeKind::kDate:
    case TargetTypeKind::kChar:
    case TargetTypeKind::kVarchar:
    case TargetTypeKind::kOther:
      to += text;
      return true;
  }
  return false;
}

std::string CanonicalSelectExpression(const TargetType& type, std::string_view quoted_name) {
  switch (type.kind) {
    case TargetTypeKind::kVarbinary:
      return fmt::format("lower(hex({}))", quoted_name);
    case TargetTypeKind::kFloat:
      // As a double it is printed with every digit that it has.
      return fmt::format("cast({} as double)", quoted_name);
    default:
      return std::string(quoted_name);
  }
}

}  // namespace starlift::starrocks
