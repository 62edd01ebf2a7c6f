#include "smt/dialects/mysql_types.h"

#include <algorithm>
#include <array>
#include <string_view>

#include <fmt/format.h>

#include "smt/dialects/native_type.h"
#include "smt/dialects/rule_pieces.h"

namespace starlift::smt {
namespace {

// STRING is VARCHAR(65533), in bytes; a character takes up to four.
constexpr uint64_t kStringCharacters = 65533 / 4;
constexpr uint64_t kMaxVarcharBytes = 1048576;
constexpr uint32_t kTimeBytes = 18;  // -838:59:59.000000, and room
constexpr std::string_view kLongText = "VARCHAR(1048576)";

struct IntegerRule {
  std::string_view name, plain, widened, flink_plain, flink_widened;
};

constexpr std::array<IntegerRule, 6> kIntegers = {{
    {"tinyint", "TINYINT", "SMALLINT", "TINYINT", "SMALLINT"},
    {"smallint", "SMALLINT", "INT", "SMALLINT", "INT"},
    {"mediumint", "INT", "BIGINT", "INT", "BIGINT"},
    {"int", "INT", "BIGINT", "INT", "BIGINT"},
    {"integer", "INT", "BIGINT", "INT", "BIGINT"},
    {"bigint", "BIGINT", "LARGEINT", "BIGINT", "DECIMAL(20, 0)"},
}};

ColumnType Same(std::string_view starrocks, std::string_view flink) {
  return {.starrocks = std::string(starrocks), .flink = std::string(flink)};
}

ColumnType Integer(const IntegerRule& rule, const NativeType& native, Form form) {
  ColumnType type = native.is_unsigned ? Same(rule.widened, rule.flink_widened)
                                       : Same(rule.plain, rule.flink_plain);
  // Servers before 8.0.19 and MariaDB print display widths, which mean nothing to StarRocks.
  if (form == Form::kCompat && !native.parameters.empty()) {
    type.starrocks += fmt::format("({})", native.parameters[0]);
  }
  if (form == Form::kCompat && native.is_unsigned) type.starrocks += ' ';
  if (native.zerofill) type.reason = "the original leaves the word zerofill in the type";
  return type;
}

ColumnType Decimal(const NativeType& native, const TypeRequest& request) {
  const uint32_t precision = native.parameters.empty() ? 10 : native.parameters[0];
  const uint32_t scale = native.parameters.size() < 2 ? 0 : native.parameters[1];
  const std::string text = DecimalText(precision, scale);
  if (precision > request.decimal_digits) {
    ColumnType type = Same("STRING", "STRING");
    type.lossy = fmt::format("lands as text: StarRocks holds {} digits", request.decimal_digits);
    return type;
  }
  ColumnType type = Same(text, text);
  if (request.form == Form::kRight && request.in_primary_key) {
    type.starrocks = fmt::format("VARCHAR({})", precision + 3);
    type.flink = "STRING";
    type.flink_source = text;
    type.flink_expression = "CAST({} AS STRING)";
    type.reason = "StarRocks has no DECIMAL in a primary key";
    type.lossy = "lands as text and sorts as text";
  }
  return type;
}

ColumnType Floating(std::string_view name, const TypeRequest& request) {
  ColumnType type = Same(name, name);
  // The last resort of a table that has no other column to sort by.
  if (request.form == Form::kRight && request.in_key && !request.in_primary_key) {
    type = {.starrocks = "VARCHAR(32)",
            .flink = "STRING",
            .flink_source = std::string(name),
            .flink_expression = "CAST({} AS STRING)",
            .reason = "StarRocks has no floating point in a sort key"};
  }
  return type;
}

std::string_view BitType(uint32_t bits) {
  if (bits < 8) return "TINYINT";
  if (bits < 16) return "SMALLINT";
  if (bits < 32) return "INT";
  return bits < 64 ? "BIGINT" : "LARGEINT";
}

// Debezium gives the lowest byte first, and the sink makes one number of the bytes as if the
// highest came first, with a sign: puts them in order.
std::string BytesInOrder(uint32_t bytes) {
  std::string sum;
  uint64_t weight = 1;
  for (uint32_t i = bytes; i-- > 0; weight <<= 8) {
    sum += fmt::format(
        "{}bitand(bit_shift_right(cast({{0}} as largeint),{}),255)*cast({} as largeint)",
        sum.empty() ? "" : "+", 8 * i, weight);
  }
  return sum;
}

ColumnType Bit(const NativeType& native, Form form) {
  const uint32_t bits = native.parameters.empty() ? 1 : native.parameters[0];
  if (bits == 1) return Same("TINYINT", "BOOLEAN");
  ColumnType type = Same(BitType(bits), "BINARY");
  if (form == Form::kRight) {
    const uint32_t bytes = (bits + 7) / 8;
    type.flink = fmt::format("BINARY({})", bytes);
    if (bytes > 1) type.load_expression = BytesInOrder(bytes);
  }
  return type;
}

// 0000-00-00 is a value even of a NOT NULL column, and none that StarRocks has.
ColumnType Moment(std::string_view starrocks, std::string_view flink, Form form) {
  ColumnType type = Same(starrocks, flink);
  type.forces_nullable = form == Form::kRight;
  return type;
}

// Debezium hands a TIME over as microseconds, and so it comes in a BIGINT; Flink's own TIME ends at
// 23:59:59 and has no fraction. Makes of it what MySQL prints: -838:59:59.000.
std::string SpanOfMicroseconds(uint32_t digits) {
  const auto two_digits = [](uint64_t microseconds) {
    return fmt::format("LPAD(CAST(MOD(ABS({{0}}) / {}, 60) AS STRING), 2, '0')", microseconds);
  };
  std::string fraction;
  if (digits > 0) {
    fraction = fmt::format(
        ", '.', SUBSTRING(LPAD(CAST(MOD(ABS({{0}}), 1000000) AS STRING), 6, '0'), 1, {})", digits);
  }
  return fmt::format(
      "CONCAT(IF({{0}} < 0, '-', ''), LPAD(CAST(ABS({{0}}) / 3600000000 AS STRING), "
      "IF(ABS({{0}}) >= 360000000000, 3, 2), '0'), ':', {}, ':', {}{})",
      two_digits(60000000), two_digits(1000000), fraction);
}

ColumnType Time(const NativeType& native, Form form) {
  if (form == Form::kCompat) return Same("DATETIME", "TIMESTAMP");
  const uint32_t digits = native.parameters.empty() ? 0 : native.parameters[0];
  return {.starrocks = fmt::format("VARCHAR({})", kTimeBytes),
          .flink = "STRING",
          .flink_source = "BIGINT",
          .flink_expression = SpanOfMicroseconds(digits),
          .reason = "TIME is a span of -838:59:59 to 838:59:59 and no moment"};
}

ColumnType Characters(const NativeType& native, Form form) {
  const uint64_t length = native.parameters.empty() ? 1 : native.parameters[0];
  ColumnType type = Same("STRING", "STRING");
  if (form == Form::kRight && length > kStringCharacters) {
    type.starrocks = fmt::format("VARCHAR({})", std::min(length * 4, kMaxVarcharBytes));
    type.reason = fmt::format("{} characters may be longer than STRING's 65533 bytes", length);
  }
  return type;
}

ColumnType Text(const NativeType& native, Form form) {
  ColumnType type = Same("STRING", "STRING");
  if (form == Form::kCompat || native.name == "tinytext") return type;
  type.starrocks = kLongText;
  type.reason = "texts may be longer than STRING's 65533 bytes";
  if (native.name != "text") type.lossy = "values over 1048576 bytes don't fit";
  return type;
}

ColumnType Binary(const NativeType& native, const TypeRequest& request) {
  if (request.form == Form::kCompat) {
    if (native.name == "binary") return Same("STRING", "BINARY");
    if (native.name == "varbinary") return Same("STRING", "VARBINARY");
    return Same("STRING", "STRING");
  }
  ColumnType type = Same("VARBINARY", "STRING");
  SendAsHex(type, request.in_key);
  type.reason = "bytes are no text, and Flink's BINARY and VARBINARY hold one byte";
  if (request.in_key) {
    type.starrocks = "STRING";
    type.lossy = "a binary key lands as lower-case hex text";
  } else if (native.name == "mediumblob" || native.name == "longblob") {
    type.lossy = "values over 524288 bytes don't fit";
  }
  return type;
}

ColumnType Json(const TypeRequest& request) {
  if (request.form == Form::kCompat || request.in_key) return Same("STRING", "STRING");
  ColumnType type = Same("JSON", "STRING");
  type.reason = "documents may be longer than STRING's 65533 bytes, and JSON can be queried";
  return type;
}

ColumnType Geometry(Form form) {
  if (form == Form::kCompat) return Same("STRING", "STRING");
  ColumnType type = Same(kLongText, "STRING");
  type.reason = "the original leaves the type empty";
  type.lossy = "text: JSON by Flink, WKT by starlift sync";
  return type;
}

// TiDB's connector doesn't take its values from Debezium.
ColumnType TidbTime(const NativeType& native) {
  ColumnType type = Time(native, Form::kRight);
  type.flink_source = fmt::format("TIME({})", native.parameters.empty() ? 0 : native.parameters[0]);
  type.flink_expression = "CAST({} AS STRING)";
  type.lossy = "Flink knows times from 00:00:00 to 23:59:59 only";
  return type;
}

bool IsOneOf(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

ColumnType MapMysqlType(const Column& column, const TypeRequest& request) {
  const NativeType native = ReadNativeType(column.native_type);
  const std::string_view name = native.name;
  const auto integer = std::find_if(kIntegers.begin(), kIntegers.end(),
                                    [&](const IntegerRule& rule) { return rule.name == name; });
  if (integer != kIntegers.end()) return Integer(*integer, native, request.form);
  if (name == "decimal" || name == "numeric") return Decimal(native, request);
  if (name == "float") return Floating("FLOAT", request);
  if (IsOneOf(name, {"double", "real"})) return Floating("DOUBLE", request);
  if (name == "bit") return Bit(native, request.form);
  if (name == "date") return Moment("DATE", "DATE", request.form);
  if (IsOneOf(name, {"datetime", "timestamp"})) {
    return Moment("DATETIME", "TIMESTAMP", request.form);
  }
  if (name == "time") return Time(native, request.form);
  // MariaDB's JSON is LONGTEXT with a check: the kind tells.
  if (name == "json" || column.type.kind == TypeKind::kJson) return Json(request);
  if (IsOneOf(name, {"char", "varchar"})) return Characters(native, request.form);
  if (IsOneOf(name, {"tinytext", "text", "mediumtext", "longtext"})) {
    return Text(native, request.form);
  }
  if (name.ends_with("blob") || IsOneOf(name, {"binary", "varbinary"})) {
    return Binary(native, request);
  }
  if (column.type.kind == TypeKind::kGeometry) return Geometry(request.form);
  if (IsOneOf(name, {"year", "enum", "set", "uuid", "inet4", "inet6"})) {
    return Same("STRING", "STRING");
  }
  ColumnType type = Same("STRING", "STRING");
  type.lossy = fmt::format("type {} is not known, it is taken as text", column.native_type);
  return type;
}

ColumnType MapTidbType(const Column& column, const TypeRequest& request) {
  const NativeType native = ReadNativeType(column.native_type);
  if (native.name == "time" && request.form == Form::kRight) return TidbTime(native);
  ColumnType type = MapMysqlType(column, request);
  if (native.name == "bit") type.load_expression.clear();
  return type;
}

}  // namespace starlift::smt
