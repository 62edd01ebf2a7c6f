#include "sandbox/query/types.h"

#include <algorithm>

#include "sandbox/storage/physical_table.h"

namespace starlift::sandbox::query {
namespace {

using catalog::DataType;
using catalog::TypeKind;

bool IsFloating(TypeKind kind) { return kind == TypeKind::kFloat || kind == TypeKind::kDouble; }
bool IsMoment(TypeKind kind) { return kind == TypeKind::kDate || kind == TypeKind::kDateTime; }

// Digits that an integer type may have, as the decimal that it becomes.
int IntegerDigits(TypeKind kind) {
  switch (kind) {
    case TypeKind::kBoolean:
    case TypeKind::kTinyInt:
      return 3;
    case TypeKind::kSmallInt:
      return 5;
    case TypeKind::kInt:
      return 10;
    case TypeKind::kBigInt:
      return 19;
    default:
      return catalog::kMaxDecimalPrecision;
  }
}

DataType AsDecimal(const DataType& type) {
  if (type.kind == TypeKind::kDecimal) return type;
  return DataType::Decimal(IntegerDigits(type.kind), 0);
}

DataType WiderDecimal(const DataType& a, const DataType& b) {
  const DataType x = AsDecimal(a);
  const DataType y = AsDecimal(b);
  const int scale = std::max(x.scale, y.scale);
  const int whole = std::max(x.precision - x.scale, y.precision - y.scale);
  return DataType::Decimal(std::min(catalog::kMaxDecimalPrecision, whole + scale), scale);
}

DataType NextInteger(TypeKind kind) {
  switch (kind) {
    case TypeKind::kNull:
    case TypeKind::kBoolean:
    case TypeKind::kTinyInt:
      return DataType::Of(TypeKind::kSmallInt);
    case TypeKind::kSmallInt:
      return DataType::Of(TypeKind::kInt);
    case TypeKind::kLargeInt:
      return DataType::Of(TypeKind::kLargeInt);
    default:
      return DataType::Of(TypeKind::kBigInt);
  }
}

// Text counts as a double in arithmetic, moments as their number.
DataType NumericSide(const DataType& type) {
  if (catalog::IsNumeric(type.kind) || type.kind == TypeKind::kNull) return type;
  if (IsMoment(type.kind)) return DataType::Of(TypeKind::kBigInt);
  return DataType::Of(TypeKind::kDouble);
}

// Rounds towards zero as StarRocks' casts to integers do; DuckDB's round to nearest.
std::string ToInteger(const std::string& sql, const DataType& from, const std::string& to) {
  if (catalog::IsText(from.kind)) {
    return "TRY_CAST(sr_integer_text(CAST(" + sql + " AS VARCHAR)) AS " + to + ")";
  }
  if (from.kind == TypeKind::kDate)
    return "TRY_CAST(strftime(" + sql + ", '%Y%m%d') AS " + to + ")";
  if (from.kind == TypeKind::kDateTime) {
    return "TRY_CAST(strftime(" + sql + ", '%Y%m%d%H%M%S') AS " + to + ")";
  }
  if (from.kind == TypeKind::kJson) {
    return "TRY_CAST(trunc(TRY_CAST(json_extract_string(" + sql + ", '$') AS DOUBLE)) AS " + to +
           ")";
  }
  if (IsFloating(from.kind) || from.kind == TypeKind::kDecimal) {
    return "TRY_CAST(trunc(" + sql + ") AS " + to + ")";
  }
  return "TRY_CAST(" + sql + " AS " + to + ")";
}

std::string ToText(const std::string& sql, const DataType& from) {
  switch (from.kind) {
    case TypeKind::kBoolean:
      return "CAST(CAST(" + sql + " AS TINYINT) AS VARCHAR)";
    case TypeKind::kDouble:
      return "sr_double_text(" + sql + ")";
    case TypeKind::kFloat:
      return "sr_float_text(" + sql + ")";
    case TypeKind::kDateTime:
      // DuckDB's own text is ours where there is no fraction, and comes many times as fast; year 0
      // it calls 1 BC.
      return "CASE WHEN epoch_us(" + sql + ") % 1000000 = 0 AND " + sql +
             " >= TIMESTAMP '0001-01-01' THEN CAST(" + sql + " AS VARCHAR) ELSE sr_datetime_text(" +
             sql + ") END";
    case TypeKind::kDecimal:
      if (from.precision == from.scale && from.precision < catalog::kMaxDecimalPrecision) {
        // DuckDB leaves the zero before the point out where the type has no digit there.
        return "CAST(CAST(" + sql + " AS DECIMAL(" + std::to_string(from.precision + 1) + "," +
               std::to_string(from.scale) + ")) AS VARCHAR)";
      }
      return "CAST(" + sql + " AS VARCHAR)";
    case TypeKind::kVarbinary:
      return "sr_binary_text(" + sql + ")";
    case TypeKind::kJson:
      return "sr_json_string(CAST(" + sql + " AS VARCHAR))";
    default:
      return "CAST(" + sql + " AS VARCHAR)";
  }
}

std::string ToMoment(const std::string& sql, const DataType& from, bool date) {
  const std::string target = date ? "DATE" : "TIMESTAMP";
  if (IsMoment(from.kind)) return "CAST(" + sql + " AS " + target + ")";
  std::string text = sql;
  if (!catalog::IsText(from.kind)) text = "CAST(" + sql + " AS VARCHAR)";
  return date ? "CAST(sr_datetime(" + text + ") AS DATE)" : "sr_datetime(" + text + ")";
}

// Field by field in order; DuckDB would go by the names.
std::string StructToStruct(const std::string& sql, const DataType& from, const DataType& to) {
  std::string fields;
  for (size_t i = 0; i < to.children.size(); ++i) {
    const std::string field =
        "struct_extract(" + sql + ", " + QuoteLiteral(from.field_names[i]) + ")";
    fields += (i > 0 ? ", " : "") + QuoteIdentifier(to.field_names[i]) +
              " := " + CastSql(field, from.children[i], to.children[i]);
  }
  return "CASE WHEN (" + sql + ") IS NULL THEN NULL ELSE struct_pack(" + fields + ") END";
}

std::string ToBoolean(const std::string& sql, const DataType& from) {
  if (catalog::IsText(from.kind)) {
    return "CASE lower(trim(" + sql +
           ")) WHEN 'true' THEN TRUE WHEN 'false' THEN FALSE ELSE "
           "TRY_CAST(TRY_CAST(" +
           sql + " AS DOUBLE) AS BOOLEAN) END";
  }
  return "TRY_CAST(" + sql + " AS BOOLEAN)";
}

}  // namespace

std::string CastSql(const std::string& sql, const DataType& from, const DataType& to) {
  if (from.kind == TypeKind::kNull) return "CAST(NULL AS " + PhysicalType(to) + ")";
  if (from.kind == to.kind && from.kind != TypeKind::kDecimal && !catalog::IsComplex(from.kind)) {
    return sql;
  }
  if (catalog::IsText(from.kind) && catalog::IsText(to.kind)) return sql;
  const std::string target = PhysicalType(to);
  if (from.kind == TypeKind::kStruct && to.kind == TypeKind::kStruct &&
      from.children.size() == to.children.size()) {
    return StructToStruct(sql, from, to);
  }
  if (catalog::IsInteger(to.kind)) return ToInteger(sql, from, target);
  if (catalog::IsText(to.kind)) return ToText(sql, from);
  switch (to.kind) {
    case TypeKind::kBoolean:
      return ToBoolean(sql, from);
    case TypeKind::kDate:
    case TypeKind::kDateTime:
      return ToMoment(sql, from, to.kind == TypeKind::kDate);
    case TypeKind::kFloat:
    case TypeKind::kDouble:
    case TypeKind::kDecimal:
      if (from.kind == TypeKind::kBoolean) {
        return "CAST(CAST(" + sql + " AS TINYINT) AS " + target + ")";
      }
      if (from.kind == TypeKind::kJson) {
        return "TRY_CAST(json_extract_string(" + sql + ", '$') AS " + target + ")";
      }
      if (IsMoment(from.kind)) {
        return "CAST(" + ToInteger(sql, from, "BIGINT") + " AS " + target + ")";
      }
      return "TRY_CAST(" + sql + " AS " + target + ")";
    case TypeKind::kVarbinary:
      return "encode(" + ToText(sql, from) + ")";
    case TypeKind::kJson:
      if (catalog::IsText(from.kind)) return "CAST(to_json(" + sql + ") AS JSON)";
      return "CAST(to_json(" + sql + ") AS JSON)";
    default:
      return "TRY_CAST(" + sql + " AS " + target + ")";
  }
}

DataType CommonType(const DataType& a, const DataType& b) {
  if (a.kind == TypeKind::kNull) return b;
  if (b.kind == TypeKind::kNull || a == b) return a;
  if (catalog::IsText(a.kind) && catalog::IsText(b.kind)) {
    return DataType::Varchar(std::max(a.length, b.length));
  }
  if (catalog::IsNumeric(a.kind) && catalog::IsNumeric(b.kind)) {
    if (IsFloating(a.kind) || IsFloating(b.kind)) return DataType::Of(TypeKind::kDouble);
    if (a.kind == TypeKind::kDecimal || b.kind == TypeKind::kDecimal) return WiderDecimal(a, b);
    return DataType::Of(std::max(a.kind, b.kind));
  }
  if (IsMoment(a.kind) && IsMoment(b.kind)) return DataType::Of(TypeKind::kDateTime);
  if (a.kind == TypeKind::kJson || b.kind == TypeKind::kJson) return DataType::Of(TypeKind::kJson);
  if (a.kind == b.kind && catalog::IsComplex(a.kind) && a.children.size() == b.children.size()) {
    DataType merged = a;
    for (size_t i = 0; i < merged.children.size(); ++i) {
      merged.children[i] = CommonType(a.children[i], b.children[i]);
    }
    return merged;
  }
  if (a.kind == b.kind) return a;
  return DataType::Varchar(catalog::kStringLength);
}

DataType ComparisonType(const DataType& a, const DataType& b) {
  const bool text_a = catalog::IsText(a.kind);
  const bool text_b = catalog::IsText(b.kind);
  if (text_a && catalog::IsNumeric(b.kind)) return DataType::Of(TypeKind::kDouble);
  if (text_b && catalog::IsNumeric(a.kind)) return DataType::Of(TypeKind::kDouble);
  if (text_a && IsMoment(b.kind)) return DataType::Of(TypeKind::kDateTime);
  if (text_b && IsMoment(a.kind)) return DataType::Of(TypeKind::kDateTime);
  if (IsMoment(a.kind) != IsMoment(b.kind) &&
      (catalog::IsNumeric(a.kind) || catalog::IsNumeric(b.kind))) {
    return DataType::Of(TypeKind::kDouble);
  }
  return CommonType(a, b);
}

DataType DivisionDecimal(const DataType& type) {
  const int scale = type.scale <= 6 ? type.scale + 6 : std::max(type.scale, 12);
  return DataType::Decimal(catalog::kMaxDecimalPrecision, scale);
}

DataType ArithmeticType(std::string_view op, const DataType& a, const DataType& b) {
  const DataType x = NumericSide(a);
  const DataType y = NumericSide(b);
  const bool floating = IsFloating(x.kind) || IsFloating(y.kind);
  const bool decimal = x.kind == TypeKind::kDecimal || y.kind == TypeKind::kDecimal;
  if (op == "+" || op == "-" || op == "*") {
    if (floating) return DataType::Of(TypeKind::kDouble);
    if (!decimal) {
      return NextInteger(std::max(x.kind, y.kind));
    }
    const DataType p = AsDecimal(x);
    const DataType q = AsDecimal(y);
    constexpr int kMax = catalog::kMaxDecimalPrecision;
    if (op == "*") {
      const int scale = p.scale + q.scale;
      if (scale > kMax) return DataType::Of(TypeKind::kDouble);
      return DataType::Decimal(std::min(kMax, p.precision + q.precision), scale);
    }
    const int scale = std::max(p.scale, q.scale);
    const int whole = std::max(p.precision - p.scale, q.precision - q.scale);
    return DataType::Decimal(std::min(kMax, whole + scale + 1), scale);
  }
  if (op == "/") {
    if (decimal && !floating) return DivisionDecimal(AsDecimal(x));
    return DataType::Of(TypeKind::kDouble);
  }
  if (op == "%") {
    if (floating) return DataType::Of(TypeKind::kDouble);
    if (decimal) return WiderDecimal(x, y);
    return DataType::Of(std::max({x.kind, y.kind, TypeKind::kTinyInt}));
  }
  if (op == "DIV") {
    return DataType::Of(x.kind == TypeKind::kLargeInt || y.kind == TypeKind::kLargeInt
                            ? TypeKind::kLargeInt
                            : TypeKind::kBigInt);
  }
  const TypeKind kind = std::max({x.kind, y.kind, TypeKind::kTinyInt});
  return DataType::Of(catalog::IsInteger(kind) ? kind : TypeKind::kBigInt);
}

DataType IntegerLiteralType(std::string_view digits) {
  const bool negative = digits.starts_with('-');
  std::string_view number = digits.substr(negative ? 1 : 0);
  while (number.size() > 1 && number.front() == '0') number.remove_prefix(1);
  const auto fits = [&](std::string_view positive, std::string_view below_zero) {
    const std::string_view bound = negative ? below_zero : positive;
    return number.size() < bound.size() || (number.size() == bound.size() && number <= bound);
  };
  if (fits("127", "128")) return DataType::Of(TypeKind::kTinyInt);
  if (fits("32767", "32768")) return DataType::Of(TypeKind::kSmallInt);
  if (fits("2147483647", "2147483648")) return DataType::Of(TypeKind::kInt);
  if (fits("9223372036854775807", "9223372036854775808")) return DataType::Of(TypeKind::kBigInt);
  if (fits("170141183460469231731687303715884105727", "170141183460469231731687303715884105728")) {
    return DataType::Of(TypeKind::kLargeInt);
  }
  return DataType::Of(TypeKind::kDouble);
}

DataType DecimalLiteralType(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  const size_t point = text.find('.');
  std::string_view whole = text.substr(0, point);
  while (!whole.empty() && whole.front() == '0') whole.remove_prefix(1);
  const size_t scale = point == std::string_view::npos ? 0 : text.size() - point - 1;
  const size_t precision = std::max<size_t>(1, whole.size() + scale);
  if (precision > static_cast<size_t>(catalog::kMaxDecimalPrecision)) {
    return DataType::Of(TypeKind::kDouble);
  }
  return DataType::Decimal(static_cast<int>(precision), static_cast<int>(scale));
}

bool CanCast(const DataType& from, const DataType& to) {
  if (from.kind == TypeKind::kNull || from.kind == to.kind) return true;
  if (catalog::IsAggregateState(from.kind) || catalog::IsAggregateState(to.kind)) return false;
  if (from.kind == TypeKind::kVarbinary) return catalog::IsText(to.kind);
  if (to.kind == TypeKind::kVarbinary) return catalog::IsText(from.kind);
  if (catalog::IsComplex(from.kind)) {
    return catalog::IsText(to.kind) || to.kind == TypeKind::kJson;
  }
  if (catalog::IsComplex(to.kind)) {
    return catalog::IsText(from.kind) || from.kind == TypeKind::kJson;
  }
  if (to.kind == TypeKind::kJson) return !IsMoment(from.kind) || true;
  return true;
}

}  // namespace starlift::sandbox::query
