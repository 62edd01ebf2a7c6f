#include "smt/dialects/hive_types.h"

#include <algorithm>
#include <optional>
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

std::string Upper(std::string_view text) {
  std::string upper(text);
  std::transform(upper.begin(), upper.end(), upper.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  return upper;
}

ColumnType MapText(std::string_view text, const TypeRequest& request);

// Types inside others are values, whatever stands around them.
ColumnType Element(std::string_view text, const TypeRequest& request) {
  TypeRequest element = request;
  element.in_key = element.in_primary_key = false;
  ColumnType type = MapText(text, element);
  if (!type.load_expression.empty()) type = SameType("VARBINARY", "BYTES");
  return type;
}

ColumnType Struct(const NestedType& type, const TypeRequest& request) {
  std::string starrocks, flink;
  for (const std::string_view field : type.arguments) {
    const size_t colon = field.find(':');
    if (colon == std::string_view::npos) return SameType("STRING", "STRING");
    const ColumnType value = Element(field.substr(colon + 1), request);
    const std::string_view comma = starrocks.empty() ? "" : ", ";
    starrocks += fmt::format("{}{} {}", comma, field.substr(0, colon), value.starrocks);
    flink += fmt::format("{}`{}` {}", comma, field.substr(0, colon), value.flink);
  }
  return SameType(fmt::format("STRUCT<{}>", starrocks), fmt::format("ROW<{}>", flink));
}

// Natively, where the original writes text.
std::optional<ColumnType> Container(std::string_view text, const TypeRequest& request) {
  const NestedType type = ReadNestedType(text, '<', '>');
  ColumnType container;
  if (type.name == "array" && type.arguments.size() == 1) {
    const ColumnType element = Element(type.arguments[0], request);
    container = SameType(fmt::format("ARRAY<{}>", element.starrocks),
                         fmt::format("ARRAY<{}>", element.flink));
  } else if (type.name == "map" && type.arguments.size() == 2) {
    const ColumnType key = Element(type.arguments[0], request);
    const ColumnType value = Element(type.arguments[1], request);
    container = SameType(fmt::format("MAP<{}, {}>", key.starrocks, value.starrocks),
                         fmt::format("MAP<{}, {}>", key.flink, value.flink));
  } else if (type.name == "struct" && !type.arguments.empty()) {
    container = Struct(type, request);
  } else {
    return std::nullopt;
  }
  if (request.form == Form::kCompat || request.in_key) return SameType("STRING", "STRING");
  container.reason = "StarRocks has arrays, maps and structs";
  return container;
}

ColumnType Decimal(const NativeType& native, const TypeRequest& request) {
  const uint32_t precision = native.parameters.empty() ? 10 : native.parameters[0];
  const uint32_t scale = native.parameters.size() < 2 ? 0 : native.parameters[1];
  if (request.form == Form::kRight) return DecimalRule(precision, scale, request);
  const std::string text =
      DecimalText(std::min<uint32_t>(precision, request.decimal_digits), scale);
  return SameType(text, text);
}

// Flink's own functions make no hex of bytes; as JSON they are Base64 between quotes.
ColumnType Binary(const TypeRequest& request) {
  ColumnType type = BytesRule(request);
  if (request.form == Form::kCompat) return type;
  type.flink_options.clear();
  if (!request.in_key) type.load_expression = "to_binary({0},\"encode64\")";
  type.flink_expression = "TRIM(BOTH '\"' FROM JSON_STRING({}))";
  if (request.in_key) type.lossy = "a binary key lands as Base64 text";
  return type;
}

ColumnType MapText(std::string_view text, const TypeRequest& request) {
  if (auto container = Container(text, request)) return std::move(*container);
  const NativeType native = ReadNativeType(text);
  const std::string_view name = native.name;
  if (IsOneOf(name,
              {"boolean", "tinyint", "smallint", "int", "bigint", "float", "double", "date"})) {
    return SameType(Upper(name), Upper(name));
  }
  if (name == "integer") return SameType("INT", "INT");
  if (name == "double precision") return SameType("DOUBLE", "DOUBLE");
  if (name == "decimal" || name == "numeric") return Decimal(native, request);
  if (name == "timestamp") return SameType("DATETIME", "TIMESTAMP");
  if (name == "timestamp with local time zone" && request.form == Form::kRight) {
    return SameType("DATETIME", "TIMESTAMP_LTZ(6)");
  }
  if (name == "char" || name == "varchar") {
    return TextRule(native.parameters.empty() ? 1 : native.parameters[0], request);
  }
  if (name == "string") return TextRule(0, request);
  if (name == "binary") return Binary(request);
  ColumnType type = SameType("STRING", "STRING");
  if (request.form == Form::kRight) type.lossy = fmt::format("{} lands as text", text);
  return type;
}

}  // namespace

ColumnType MapHiveType(const Column& column, const TypeRequest& request) {
  return MapText(column.native_type, request);
}

}  // namespace starlift::smt
