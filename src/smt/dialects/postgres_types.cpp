#include "smt/dialects/postgres_types.h"

#include <algorithm>
#include <charconv>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "smt/dialects/native_type.h"
#include "smt/dialects/rule_pieces.h"

namespace starlift::smt {
namespace {

constexpr uint64_t kStringCharacters = 65533 / 4;
constexpr uint64_t kMaxVarcharBytes = 1048576;
constexpr std::string_view kLongText = "VARCHAR(1048576)";
constexpr int kMoneyDigits = 27;

ColumnType Same(std::string_view starrocks, std::string_view flink) {
  return {.starrocks = std::string(starrocks), .flink = std::string(flink)};
}

bool IsOneOf(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// numeric(p,s) in the original's way: precision cut to what StarRocks has, a scale that doesn't
// fit, a negative one among them, becomes the largest that does. Bare numeric loses its fraction.
std::string CompatNumeric(const std::string& native, int limit) {
  int precision = limit;
  int scale = 0;
  const size_t open = native.find('(');
  if (open != std::string::npos) {
    const char* const end = native.data() + native.size();
    const auto [comma, error] = std::from_chars(native.data() + open + 1, end, precision);
    if (error == std::errc() && comma != end && *comma == ',') {
      std::from_chars(comma + 1, end, scale);
    }
  }
  precision = std::min(precision, limit);
  if (scale < 0 || scale > precision) scale = precision - 1;
  return DecimalText(static_cast<uint32_t>(precision), static_cast<uint32_t>(scale));
}

ColumnType NumericAsText(const TypeRequest& request, std::string reason) {
  ColumnType type = Same("STRING", "STRING");
  type.reason = std::move(reason);
  type.lossy = "lands as text";
  if (request.form == Form::kRight) {
    type.flink_options = {{"debezium.decimal.handling.mode", "string"}};
  }
  return type;
}

ColumnType Numeric(const Column& column, const TypeRequest& request) {
  if (request.form == Form::kCompat) {
    const std::string text = CompatNumeric(column.native_type, request.decimal_digits);
    return Same(text, text);
  }
  if (column.type.kind != TypeKind::kDecimal) {
    return NumericAsText(request, "numeric without a precision may have any number of digits");
  }
  if (column.type.precision > request.decimal_digits) {
    return NumericAsText(request, fmt::format("StarRocks holds {} digits", request.decimal_digits));
  }
  const std::string text = DecimalText(column.type.precision, column.type.scale);
  ColumnType type = Same(text, text);
  if (text != CompatNumeric(column.native_type, request.decimal_digits)) {
    type.reason = "the original's doesn't hold the values";
  }
  if (request.in_primary_key) {
    type = {.starrocks = fmt::format("VARCHAR({})", column.type.precision + 3),
            .flink = "STRING",
            .flink_source = text,
            .flink_expression = "CAST({} AS STRING)",
            .lossy = "lands as text and sorts as text",
            .reason = "StarRocks has no DECIMAL in a primary key"};
  }
  return type;
}

ColumnType Money(const Column& column, const TypeRequest& request) {
  const uint32_t scale = request.form == Form::kRight ? column.type.scale : 2;
  const std::string text = DecimalText(kMoneyDigits, scale);
  ColumnType type = Same(text, text);
  if (scale != 2) type.reason = fmt::format("this server's money has {} fraction digits", scale);
  return type;
}

ColumnType Bits(Form form) {
  if (form == Form::kCompat) return Same("TINYINT", "TINYINT");
  ColumnType type = Same("STRING", "STRING");
  type.reason = "a string of bits is no number of one byte";
  type.lossy = "Flink hands bits over as bytes";
  return type;
}

ColumnType Time(const NativeType& native, Form form) {
  ColumnType type = Same("STRING", "STRING");
  if (form == Form::kCompat) return type;
  type.flink_source = fmt::format("TIME({})", native.parameters.empty() ? 6 : native.parameters[0]);
  type.flink_expression = "CAST({} AS STRING)";
  type.lossy = "Flink keeps milliseconds of a time";
  return type;
}

ColumnType MomentWithZone(Form form) {
  if (form == Form::kCompat) return Same("STRING", "STRING");
  ColumnType type = Same("DATETIME", "TIMESTAMP_LTZ(6)");
  type.reason = "it is a moment";
  type.lossy = "lands in UTC by starlift sync, in the session's table.local-time-zone by Flink";
  return type;
}

ColumnType Text(const Column& column, const TypeRequest& request) {
  ColumnType type = Same("STRING", "STRING");
  if (request.form == Form::kCompat || request.in_key) return type;
  const bool bounded = column.type.kind != TypeKind::kText && column.type.length > 0;
  if (bounded && column.type.length <= kStringCharacters) return type;
  type.starrocks =
      bounded ? fmt::format("VARCHAR({})", std::min(column.type.length * 4, kMaxVarcharBytes))
              : std::string(kLongText);
  type.reason = "texts may be longer than STRING's 65533 bytes";
  if (!bounded) type.lossy = "values over 1048576 bytes don't fit";
  return type;
}

ColumnType Json(const TypeRequest& request) {
  if (request.form == Form::kCompat || request.in_key) return Same("STRING", "STRING");
  ColumnType type = Same("JSON", "STRING");
  type.reason = "documents may be longer than STRING's 65533 bytes, and JSON can be queried";
  return type;
}

// Arrays, rows and hstore: Flink hands them over as text of its own.
ColumnType Structured(const TypeRequest& request) {
  if (request.form == Form::kCompat || request.in_key) return Same("STRING", "STRING");
  ColumnType type = Same(kLongText, "STRING");
  type.reason = "texts may be longer than STRING's 65533 bytes";
  type.lossy = "lands as text";
  return type;
}

ColumnType Bytes(const TypeRequest& request) {
  if (request.form == Form::kCompat) return Same("STRING", "STRING");
  ColumnType type = Same(request.in_key ? "STRING" : "VARBINARY", "STRING");
  SendAsHex(type, request.in_key);
  type.reason = "bytes are no text";
  type.lossy = request.in_key ? "a binary key lands as lower-case hex text"
                              : "values over 524288 bytes don't fit";
  return type;
}

ColumnType Interval(Form form) {
  ColumnType type = Same("STRING", "STRING");
  if (form == Form::kRight) type.flink_options = {{"debezium.interval.handling.mode", "string"}};
  return type;
}

}  // namespace

ColumnType MapPostgresType(const Column& column, const TypeRequest& request) {
  const NativeType native = ReadNativeType(column.native_type);
  const std::string_view name = native.name;
  const bool array = column.native_type.ends_with("[]");
  if (array) return Structured(request);
  if (name == "smallint") return Same("SMALLINT", "SMALLINT");
  if (name == "integer") return Same("INT", "INT");
  if (name == "bigint") return Same("BIGINT", "BIGINT");
  if (name == "numeric") return Numeric(column, request);
  if (name == "money") return Money(column, request);
  if (name == "real") return Same("FLOAT", "FLOAT");
  if (name == "double precision") return Same("DOUBLE", "DOUBLE");
  if (name == "boolean") return Same("BOOLEAN", "BOOLEAN");
  if (IsOneOf(name, {"bit", "bit varying"})) return Bits(request.form);
  if (name == "date") return Same("DATE", "DATE");
  if (name == "timestamp without time zone") return Same("DATETIME", "TIMESTAMP");
  if (name == "timestamp with time zone") return MomentWithZone(request.form);
  if (name == "time without time zone") return Time(native, request.form);
  if (name.starts_with("interval")) return Interval(request.form);
  if (IsOneOf(name, {"json", "jsonb"})) return Json(request);
  if (name == "bytea") return Bytes(request);
  if (column.type.kind == TypeKind::kJson) return Structured(request);
  if (IsText(column.type.kind)) return Text(column, request);
  return Same("STRING", "STRING");
}

}  // namespace starlift::smt
