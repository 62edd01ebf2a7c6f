#include "smt/dialects/sqlserver_types.h"

#include <algorithm>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "smt/dialects/native_type.h"
#include "smt/dialects/rule_pieces.h"

namespace starlift::smt {
namespace {

bool IsOneOf(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

ColumnType Decimal(std::string_view name, const Type& type, const TypeRequest& request) {
  if (request.form == Form::kCompat) {
    const uint32_t precision = std::min(type.precision, request.decimal_digits);
    return SameType(DecimalText(precision, type.scale),
                    name == "numeric" ? "NUMERIC" : DecimalText(type.precision, type.scale));
  }
  ColumnType decimal = DecimalRule(type.precision, type.scale, request);
  if (name == "numeric" && decimal.reason.empty()) {
    decimal.reason = "Flink's bare NUMERIC is NUMERIC(10, 0)";
  }
  return decimal;
}

ColumnType Moment(const NativeType& native) {
  ColumnType type = SameType("DATETIME", "TIMESTAMP");
  if (native.name == "datetime2" && !native.parameters.empty() && native.parameters[0] > 6) {
    type.lossy = "the seventh fraction digit, of 100 ns";
  }
  return type;
}

ColumnType MomentWithOffset(Form form) {
  ColumnType type = SameType("DATETIME", "TIMESTAMP_LTZ(3)");
  if (form == Form::kCompat) return type;
  type.lossy = "the moment stays, the offset is lost; Flink keeps milliseconds";
  return type;
}

ColumnType Tiny(Form form) {
  if (form == Form::kCompat) return SameType("TINYINT", "TINYINT");
  ColumnType type = SameType("SMALLINT", "SMALLINT");
  type.reason = "tinyint holds 0 to 255, TINYINT ends at 127";
  return type;
}

}  // namespace

ColumnType MapSqlserverType(const Column& column, const TypeRequest& request) {
  const NativeType native = ReadNativeType(column.native_type);
  // "(max)" holds no numbers.
  const std::string_view name = native.name;
  const bool right = request.form == Form::kRight;
  if (name == "tinyint") return Tiny(request.form);
  if (name == "smallint") return SameType("SMALLINT", "SMALLINT");
  if (name == "int") return SameType("INT", "INT");
  if (name == "bigint") return SameType("BIGINT", "BIGINT");
  if (name == "bit") return SameType("BOOLEAN", "BOOLEAN");
  if (name == "real") return SameType("FLOAT", "FLOAT");
  if (name == "float") return SameType("DOUBLE", "DOUBLE");
  if (IsOneOf(name, {"decimal", "numeric", "money", "smallmoney"})) {
    return Decimal(name, column.type, request);
  }
  if (name == "date") return SameType("DATE", "DATE");
  if (IsOneOf(name, {"datetime", "datetime2", "smalldatetime"})) return Moment(native);
  if (name == "datetimeoffset") return MomentWithOffset(request.form);
  if (name == "time") {
    if (!right) return SameType("DATETIME", "TIMESTAMP");
    return TimeOfDayRule(native.parameters.empty() ? 7 : native.parameters[0]);
  }
  if (IsBinary(column.type.kind)) return BytesRule(request);
  if (column.type.kind == TypeKind::kJson) return JsonRule(request);
  if (IsText(column.type.kind)) {
    return TextRule(column.type.kind == TypeKind::kText ? 0 : column.type.length, request);
  }
  ColumnType type = SameType("STRING", "STRING");
  if (right) type.lossy = fmt::format("{} lands as text", column.native_type);
  return type;
}

}  // namespace starlift::smt
