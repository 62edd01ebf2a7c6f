#include "sources/clickhouse/types.h"

#include <algorithm>
#include <charconv>
#include <string_view>
#include <utility>

#include "sources/clickhouse/type_name.h"

namespace starlift::clickhouse {
namespace {

constexpr std::pair<std::string_view, TypeKind> kPlain[] = {
    {"Int8", TypeKind::kInt8},         {"Int16", TypeKind::kInt16},
    {"Int32", TypeKind::kInt32},       {"Int64", TypeKind::kInt64},
    {"UInt8", TypeKind::kUInt8},       {"UInt16", TypeKind::kUInt16},
    {"UInt32", TypeKind::kUInt32},     {"UInt64", TypeKind::kUInt64},
    {"Float32", TypeKind::kFloat},     {"BFloat16", TypeKind::kFloat},
    {"Float64", TypeKind::kDouble},    {"Bool", TypeKind::kBool},
    {"Date", TypeKind::kDate},         {"Date32", TypeKind::kDate},
    {"String", TypeKind::kText},       {"JSON", TypeKind::kJson},
    {"Object", TypeKind::kJson},       {"Dynamic", TypeKind::kJson},
    {"Variant", TypeKind::kJson},      {"Array", TypeKind::kJson},
    {"Map", TypeKind::kJson},          {"Tuple", TypeKind::kJson},
    {"Nested", TypeKind::kJson},       {"Point", TypeKind::kJson},
    {"Ring", TypeKind::kJson},         {"LineString", TypeKind::kJson},
    {"Polygon", TypeKind::kJson},      {"MultiLineString", TypeKind::kJson},
    {"MultiPolygon", TypeKind::kJson},
};

// Integers that no kind is wide enough for, and decimals by their width.
constexpr std::pair<std::string_view, uint8_t> kDigits[] = {
    {"Int128", 39},   {"UInt128", 39},   {"Int256", 77},     {"UInt256", 78},
    {"Decimal32", 9}, {"Decimal64", 18}, {"Decimal128", 38}, {"Decimal256", 76},
};

constexpr uint64_t kUuidCharacters = 36;
constexpr uint64_t kInetCharacters = 45;
constexpr unsigned kMostFractionDigits = 6;
constexpr uint8_t kPlainDecimalDigits = 10;

unsigned Number(std::string_view text) {
  unsigned number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

unsigned Argument(const TypeName& type, size_t place) {
  return place < type.arguments.size() ? Number(type.arguments[place]) : 0;
}

Type Decimal(const TypeName& type) {
  for (const auto& [name, digits] : kDigits) {
    if (type.name != name) continue;
    return {.kind = TypeKind::kDecimal,
            .precision = digits,
            .scale = static_cast<uint8_t>(Argument(type, 0))};
  }
  if (type.name != "Decimal") return {};
  const bool given = !type.arguments.empty();
  return {.kind = TypeKind::kDecimal,
          .precision = given ? static_cast<uint8_t>(Argument(type, 0)) : kPlainDecimalDigits,
          .scale = static_cast<uint8_t>(Argument(type, 1))};
}

// 'a' = 1, 'it\'s' = 2
uint64_t LongestLabel(const TypeName& type) {
  uint64_t longest = 0;
  for (const std::string_view argument : type.arguments) {
    const size_t end = argument.rfind('\'');
    if (!argument.starts_with('\'') || end == 0) continue;
    uint64_t characters = 0;
    for (size_t i = 1; i < end; ++i) {
      if (argument[i] == '\\') ++i;
      // Not the later bytes of a character.
      if ((static_cast<unsigned char>(argument[i]) & 0xC0) != 0x80) ++characters;
    }
    longest = std::max(longest, characters);
  }
  return longest;
}

bool IsNumber(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || c == '-' || c == '.' || c == 'e';
  });
}

// CAST('7' AS UInt8) and CAST('7', 'UInt8'), as servers rewrite literals.
std::string_view WithoutCast(std::string_view text) {
  constexpr std::string_view kCast = "CAST(";
  if (!text.starts_with(kCast) || !text.ends_with(')')) return text;
  std::string_view inside = text.substr(kCast.size(), text.size() - kCast.size() - 1);
  inside = inside.substr(0, inside.find(" AS "));
  const auto parts = SplitList(inside);
  return parts.empty() ? inside : parts.front();
}

void ReadDefault(const ColumnRow& row, Column& column) {
  if (row.default_kind.empty()) {
    if (column.nullable) column.default_kind = DefaultKind::kNull;
    return;
  }
  const std::string_view text = WithoutCast(row.default_expression);
  column.default_text = row.default_expression;
  column.default_kind = DefaultKind::kExpression;
  if (text == "NULL") {
    column.default_kind = DefaultKind::kNull;
    column.default_text.clear();
  } else if (text.starts_with("now(") || text.starts_with("now64(")) {
    column.default_kind = DefaultKind::kCurrentTimestamp;
  } else if (IsNumber(text)) {
    column.default_kind = DefaultKind::kLiteral;
    column.default_text = text;
  } else if (text.size() >= 2 && text.starts_with('\'') && text.find('\'', 1) == text.size() - 1 &&
             text.find('\\') == std::string_view::npos) {
    column.default_kind = DefaultKind::kLiteral;
    column.default_text = text.substr(1, text.size() - 2);
  }
}

}  // namespace

Type TypeOf(std::string_view text) {
  const TypeName type = ParseTypeName(Unwrap(text).text);
  for (const auto& [name, kind] : kPlain) {
    if (type.name == name) return {.kind = kind};
  }
  if (type.name == "FixedString") {
    return {.kind = TypeKind::kChar, .length = Argument(type, 0)};
  }
  if (type.name == "DateTime") return {.kind = TypeKind::kTimestamp};
  if (type.name == "DateTime64") {
    return {.kind = TypeKind::kTimestamp,
            .scale = static_cast<uint8_t>(std::min(Argument(type, 0), kMostFractionDigits))};
  }
  if (type.name == "Time") return {.kind = TypeKind::kTime};
  if (type.name == "Time64") {
    return {.kind = TypeKind::kTime,
            .scale = static_cast<uint8_t>(std::min(Argument(type, 0), kMostFractionDigits))};
  }
  if (type.name == "Enum8" || type.name == "Enum16" || type.name == "Enum") {
    return {.kind = TypeKind::kEnum, .length = LongestLabel(type)};
  }
  if (type.name == "UUID") return {.kind = TypeKind::kUuid, .length = kUuidCharacters};
  if (type.name == "IPv4" || type.name == "IPv6") {
    return {.kind = TypeKind::kInet, .length = kInetCharacters};
  }
  if (type.name.starts_with("Interval")) return {.kind = TypeKind::kInt64};
  return Decimal(type);
}

Column ColumnOf(const ColumnRow& row) {
  Column column;
  column.name = row.name;
  column.type = TypeOf(row.type);
  column.native_type = row.type;
  column.nullable = Unwrap(row.type).nullable;
  column.comment = row.comment;
  if (IsText(column.type.kind)) column.charset = "utf8";
  column.generated = row.default_kind == "MATERIALIZED" || row.default_kind == "ALIAS";
  column.invisible = column.generated;
  if (!column.generated) ReadDefault(row, column);
  return column;
}

}  // namespace starlift::clickhouse
