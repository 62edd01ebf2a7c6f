#include "smt/dialects/oracle_types.h"

#include <algorithm>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "smt/dialects/native_type.h"
#include "smt/dialects/rule_pieces.h"

namespace starlift::smt {
namespace {

// What the original takes for the precision of a NUMBER that has none: its length in bytes.
constexpr uint32_t kBareNumberDigits = 22;
constexpr uint32_t kBinaryFloatDigits = 24;  // FLOAT of fewer binary digits is single precision

ColumnType WholeNumber(uint32_t digits, const TypeRequest& request) {
  if (digits < 3) return SameType("TINYINT", "TINYINT");
  if (digits < 5) return SameType("SMALLINT", "SMALLINT");
  if (digits < 10) return SameType("INT", "INT");
  if (digits < 19) return SameType("BIGINT", "BIGINT");
  if (request.form == Form::kRight) return DecimalRule(digits, 0, request);
  if (digits > request.decimal_digits) return SameType("STRING", "STRING");
  const std::string text = DecimalText(digits, 0);
  return SameType(text, text);
}

ColumnType CompatNumber(const NativeType& native, const Type& type, const TypeRequest& request) {
  if (native.parameters.empty()) {
    const std::string text = DecimalText(kBareNumberDigits, 0);
    return SameType(text, text);
  }
  if (native.parameters[0] == 1 && type.scale == 0) return SameType("BOOLEAN", "BOOLEAN");
  if (type.scale == 0) {
    // A negative scale has no DECIMAL: the digits that there may be.
    const uint32_t digits =
        type.kind == TypeKind::kDecimal ? uint32_t{type.precision} : native.parameters[0];
    return WholeNumber(digits, request);
  }
  const std::string text = DecimalText(type.precision, type.scale);
  return SameType(text, text);
}

ColumnType RightNumber(const NativeType& native, const Type& type, const TypeRequest& request) {
  switch (type.kind) {
    case TypeKind::kInt8: {
      ColumnType tiny = SameType("TINYINT", "TINYINT");
      const bool one_digit = !native.parameters.empty() && native.parameters[0] == 1;
      if (one_digit) tiny.reason = "NUMBER(1) holds 2 to 9, too";
      return tiny;
    }
    case TypeKind::kInt16:
      return SameType("SMALLINT", "SMALLINT");
    case TypeKind::kInt32:
      return SameType("INT", "INT");
    case TypeKind::kInt64:
      return SameType("BIGINT", "BIGINT");
    case TypeKind::kDecimal:
      return DecimalRule(type.precision, type.scale, request);
    default:
      break;
  }
  ColumnType text = SameType("STRING", "STRING");
  text.reason = "NUMBER without a precision may have any number of digits, fraction digits too";
  text.lossy = "lands as text";
  text.flink_options = {{"debezium.decimal.handling.mode", "string"}};
  return text;
}

ColumnType Float(const NativeType& native, Form form) {
  if (form == Form::kRight) {
    ColumnType type = SameType("DOUBLE", "DOUBLE");
    type.lossy = "digits after the fifteenth: Oracle's FLOAT is decimal";
    return type;
  }
  const bool single = !native.parameters.empty() && native.parameters[0] < kBinaryFloatDigits;
  return single ? SameType("FLOAT", "FLOAT") : SameType("DOUBLE", "DOUBLE");
}

ColumnType Timestamp(const Column& column, const NativeType& native, Form form) {
  const bool zoned = column.type.kind == TypeKind::kTimestamp;
  const uint32_t digits = native.parameters.empty() ? 6 : native.parameters[0];
  if (form == Form::kCompat) {
    return SameType("DATETIME", zoned ? column.native_type : fmt::format("TIMESTAMP({})", digits));
  }
  ColumnType type =
      SameType("DATETIME", zoned ? fmt::format("TIMESTAMP_LTZ({})", std::min(digits, 6u))
                                 : fmt::format("TIMESTAMP({})", digits));
  if (zoned) type.reason = "Flink takes no type of Oracle's spelling";
  if (digits > 6) type.lossy = "fraction digits after the sixth";
  if (zoned) {
    type.lossy +=
        fmt::format("{}the moment stays, its time zone is lost", type.lossy.empty() ? "" : "; ");
  }
  return type;
}

}  // namespace

ColumnType MapOracleType(const Column& column, const TypeRequest& request) {
  const NativeType native = ReadNativeType(column.native_type);
  const std::string_view name = native.name;
  const bool right = request.form == Form::kRight;
  if (name == "number") {
    return right ? RightNumber(native, column.type, request)
                 : CompatNumber(native, column.type, request);
  }
  if (name == "float") return Float(native, request.form);
  if (name == "binary_float") return SameType("FLOAT", "FLOAT");
  if (name == "binary_double") {
    ColumnType type = right ? SameType("DOUBLE", "DOUBLE") : SameType("STRING", "STRING");
    if (right) type.reason = "it is a number";
    return type;
  }
  if (name == "date") return SameType("DATETIME", "TIMESTAMP");
  if (name.starts_with("timestamp")) return Timestamp(column, native, request.form);
  if (name.starts_with("interval")) return SameType("BIGINT", "BIGINT");
  if (IsBinary(column.type.kind)) return BytesRule(request);
  if (column.type.kind == TypeKind::kJson) return JsonRule(request);
  if (column.type.kind == TypeKind::kBool && right) return SameType("BOOLEAN", "BOOLEAN");
  if (IsText(column.type.kind)) {
    return TextRule(column.type.kind == TypeKind::kText ? 0 : column.type.length, request);
  }
  ColumnType type = SameType("STRING", "STRING");
  if (right) type.lossy = fmt::format("{} lands as text", column.native_type);
  return type;
}

}  // namespace starlift::smt
