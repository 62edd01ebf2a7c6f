#include "sources/oracle/types.h"

#include <algorithm>
#include <charconv>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace starlift::oracle {
namespace {

constexpr std::pair<std::string_view, TypeKind> kPlain[] = {
    {"FLOAT", TypeKind::kDouble},
    {"BINARY_FLOAT", TypeKind::kFloat},
    {"BINARY_DOUBLE", TypeKind::kDouble},
    {"DATE", TypeKind::kDateTime},
    {"CLOB", TypeKind::kText},
    {"NCLOB", TypeKind::kText},
    {"LONG", TypeKind::kText},
    {"XMLTYPE", TypeKind::kText},
    {"BLOB", TypeKind::kBlob},
    {"LONG RAW", TypeKind::kBlob},
    {"JSON", TypeKind::kJson},
    {"VECTOR", TypeKind::kJson},
    {"BOOLEAN", TypeKind::kBool},
    {"SDO_GEOMETRY", TypeKind::kGeometry},
};

constexpr int64_t kMostDigits = 38;
constexpr uint64_t kRowidCharacters = 18;
constexpr uint64_t kIntervalCharacters = 32;
constexpr int64_t kMostFractionDigits = 6;  // nanoseconds are cut

// NUMBER(p,s): digits before the point, and behind it.
Type WholeNumber(int64_t digits) {
  if (digits <= 2) return {.kind = TypeKind::kInt8};
  if (digits <= 4) return {.kind = TypeKind::kInt16};
  if (digits <= 9) return {.kind = TypeKind::kInt32};
  if (digits <= 18) return {.kind = TypeKind::kInt64};
  return {.kind = TypeKind::kDecimal, .precision = static_cast<uint8_t>(digits)};
}

Type Number(const ColumnRow& row) {
  // Neither: any number at all, with up to 40 digits and exponents from -130 to 125.
  if (!row.precision && !row.scale) return {.kind = TypeKind::kText};
  const int64_t precision = row.precision.value_or(kMostDigits);
  const int64_t scale = row.scale.value_or(0);
  // A negative scale rounds digits before the point away; one above the precision adds zeros
  // behind it.
  if (scale <= 0) return WholeNumber(precision - scale);
  return {.kind = TypeKind::kDecimal,
          .precision = static_cast<uint8_t>(std::max(precision, scale)),
          .scale = static_cast<uint8_t>(scale)};
}

// "TIMESTAMP(9) WITH LOCAL TIME ZONE"
Type Timestamp(std::string_view text) {
  int64_t digits = kMostFractionDigits;
  if (const size_t open = text.find('('); open != std::string_view::npos) {
    std::from_chars(text.data() + open + 1, text.data() + text.size(), digits);
  }
  const bool zoned = text.find("TIME ZONE") != std::string_view::npos;
  return {.kind = zoned ? TypeKind::kTimestamp : TypeKind::kDateTime,
          .scale = static_cast<uint8_t>(std::min(digits, kMostFractionDigits))};
}

std::string_view Trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

std::string Upper(std::string_view text) {
  std::string upper(text);
  std::transform(upper.begin(), upper.end(), upper.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  return upper;
}

bool IsNumber(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
  });
}

std::optional<std::string> ReadQuoted(std::string_view text) {
  if (text.starts_with('N') || text.starts_with('n')) text.remove_prefix(1);
  if (text.size() < 2 || !text.starts_with('\'')) return std::nullopt;
  std::string literal;
  for (size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '\'') {
      if (i + 1 == text.size()) return literal;
      if (text[i + 1] != '\'') return std::nullopt;
      ++i;
    }
    literal += text[i];
  }
  return std::nullopt;
}

void ReadDefault(const ColumnRow& row, Column& column) {
  if (row.identity) {
    column.auto_increment = true;
    return;
  }
  const std::string_view text = row.default_text ? Trimmed(*row.default_text) : std::string_view();
  const std::string upper = Upper(text);
  if (text.empty() || upper == "NULL") {
    if (column.nullable) column.default_kind = DefaultKind::kNull;
    return;
  }
  column.default_text = text;
  if (upper == "SYSDATE" || upper.starts_with("SYSTIMESTAMP") || upper == "CURRENT_DATE" ||
      upper.starts_with("CURRENT_TIMESTAMP") || upper.starts_with("LOCALTIMESTAMP")) {
    column.default_kind = DefaultKind::kCurrentTimestamp;
  } else if (auto literal = ReadQuoted(text)) {
    // The empty text is NULL.
    column.default_kind = literal->empty() ? DefaultKind::kNull : DefaultKind::kLiteral;
    column.default_text = std::move(*literal);
  } else {
    column.default_kind = IsNumber(text) ? DefaultKind::kLiteral : DefaultKind::kExpression;
  }
}

}  // namespace

Type TypeOf(const ColumnRow& row) {
  const std::string_view name = row.type;
  const auto characters = static_cast<uint64_t>(row.char_length);
  const auto bytes = static_cast<uint64_t>(row.data_length);
  for (const auto& [known, kind] : kPlain) {
    if (name == known) return {.kind = kind};
  }
  if (name == "NUMBER") return Number(row);
  if (name.starts_with("TIMESTAMP")) return Timestamp(name);
  if (name == "CHAR" || name == "NCHAR") return {.kind = TypeKind::kChar, .length = characters};
  if (name == "VARCHAR2" || name == "NVARCHAR2") {
    return {.kind = TypeKind::kVarchar, .length = characters};
  }
  if (name == "RAW") return {.kind = TypeKind::kVarbinary, .length = bytes};
  if (name == "ROWID") return {.kind = TypeKind::kVarchar, .length = kRowidCharacters};
  if (name == "UROWID") return {.kind = TypeKind::kVarchar, .length = bytes};
  if (name.starts_with("INTERVAL")) {
    return {.kind = TypeKind::kVarchar, .length = kIntervalCharacters};
  }
  return {};
}

std::string NativeType(const ColumnRow& row) {
  const std::string& name = row.type;
  if (name == "NUMBER") {
    if (!row.precision && !row.scale) return name;
    if (!row.precision) return fmt::format("NUMBER(*,{})", *row.scale);
    return fmt::format("NUMBER({},{})", *row.precision, row.scale.value_or(0));
  }
  if (name == "FLOAT" && row.precision) return fmt::format("FLOAT({})", *row.precision);
  if (name == "CHAR" || name == "NCHAR" || name == "VARCHAR2" || name == "NVARCHAR2") {
    return fmt::format("{}({})", name, row.char_length);
  }
  if (name == "RAW") return fmt::format("RAW({})", row.data_length);
  return name;
}

Column ColumnOf(const ColumnRow& row) {
  Column column;
  column.name = row.name;
  column.type = TypeOf(row);
  column.native_type = NativeType(row);
  column.nullable = row.nullable;
  column.comment = row.comment;
  if (IsText(column.type.kind)) column.charset = "utf8";  // the client library converts
  column.generated = row.is_virtual;
  if (!row.is_virtual) ReadDefault(row, column);
  return column;
}

}  // namespace starlift::oracle
