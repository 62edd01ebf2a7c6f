#include "smt/dialects/clickhouse_types.h"

#include <algorithm>
#include <charconv>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "smt/dialects/native_type.h"
#include "smt/dialects/rule_pieces.h"

namespace starlift::smt {
namespace {

// There is no Flink connector for ClickHouse: the Flink type stays empty throughout.
constexpr std::pair<std::string_view, std::string_view> kPlain[] = {
    {"Int8", "TINYINT"},  {"UInt8", "SMALLINT"}, {"Int16", "SMALLINT"}, {"UInt16", "INT"},
    {"Int32", "INT"},     {"UInt32", "BIGINT"},  {"Int64", "BIGINT"},   {"UInt64", "LARGEINT"},
    {"Float32", "FLOAT"}, {"Float64", "DOUBLE"}, {"Date", "DATE"},      {"Date32", "DATE"},
};
// Of these the original knows nothing and writes STRING.
constexpr std::pair<std::string_view, std::string_view> kRightOnly[] = {
    {"Bool", "BOOLEAN"},
    {"Int128", "LARGEINT"},
    {"BFloat16", "FLOAT"},
};

std::string_view Unwrapped(std::string_view text) {
  while (true) {
    const NestedType type = ReadNestedType(text, '(', ')');
    const bool wraps = type.name == "Nullable" || type.name == "LowCardinality";
    if (wraps && type.arguments.size() == 1) {
      text = type.arguments.front();
    } else if (type.name == "SimpleAggregateFunction" && type.arguments.size() == 2) {
      text = type.arguments.back();
    } else {
      return text;
    }
  }
}

uint32_t Number(const NestedType& type, size_t place) {
  uint32_t number = 0;
  if (place >= type.arguments.size()) return number;
  const std::string_view text = type.arguments[place];
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

struct Digits {
  uint32_t precision = 0;
  uint32_t scale = 0;
};

Digits DecimalDigits(const NestedType& type) {
  for (const auto& [name, precision] :
       {std::pair("Decimal32", 9u), {"Decimal64", 18u}, {"Decimal128", 38u}, {"Decimal256", 76u}}) {
    if (type.name == name) return {precision, Number(type, 0)};
  }
  return {type.arguments.empty() ? 10 : Number(type, 0), Number(type, 1)};
}

ColumnType Starrocks(ColumnType type) {
  type.flink.clear();
  type.flink_source.clear();
  type.flink_expression.clear();
  type.load_expression.clear();
  type.flink_options.clear();
  return type;
}

ColumnType Plain(std::string_view starrocks, std::string_view reason = "") {
  return {.starrocks = std::string(starrocks), .reason = std::string(reason)};
}

ColumnType MapText(std::string_view text, const TypeRequest& request);

// Types inside others are values, whatever stands around them.
std::string ElementType(std::string_view text, const TypeRequest& request) {
  TypeRequest element = request;
  element.in_key = element.in_primary_key = false;
  const ColumnType type = MapText(text, element);
  return type.starrocks.empty() ? "STRING" : type.starrocks;
}

// "a Int8" of a named tuple; empty for one without names.
std::string TupleFields(const NestedType& tuple, const TypeRequest& request) {
  std::string fields;
  for (const std::string_view argument : tuple.arguments) {
    const size_t blank = argument.find(' ');
    if (blank == std::string_view::npos || argument.find('(') < blank) return {};
    fields += fmt::format("{}{} {}", fields.empty() ? "" : ", ", argument.substr(0, blank),
                          ElementType(argument.substr(blank + 1), request));
  }
  return fields;
}

ColumnType Container(const NestedType& type, const TypeRequest& request) {
  if (type.name == "Array" && type.arguments.size() == 1) {
    return Plain(fmt::format("ARRAY<{}>", ElementType(type.arguments[0], request)));
  }
  if (request.form == Form::kCompat) return Plain("STRING");
  if (type.name == "Map" && type.arguments.size() == 2) {
    return Plain(fmt::format("MAP<{}, {}>", ElementType(type.arguments[0], request),
                             ElementType(type.arguments[1], request)),
                 "StarRocks has maps");
  }
  if (type.name == "Tuple") {
    const std::string fields = TupleFields(type, request);
    if (!fields.empty()) return Plain(fmt::format("STRUCT<{}>", fields), "StarRocks has structs");
  }
  return Starrocks(JsonRule(request));
}

ColumnType Moment(const NestedType& type, Form form) {
  // The original compares the text as a whole, and knows neither zone nor digits.
  if (form == Form::kCompat) return Plain(type.arguments.empty() ? "DATETIME" : "STRING");
  ColumnType moment = Plain("DATETIME");
  if (!type.arguments.empty()) moment.reason = "it is a moment";
  if (type.name == "DateTime64" && Number(type, 0) > 6) {
    moment.lossy = "fraction digits after the sixth";
  }
  return moment;
}

ColumnType Labelled(const Column& column, const TypeRequest& request) {
  return Starrocks(TextRule(std::max<uint64_t>(column.type.length, 1), request));
}

bool IsContainer(std::string_view name) {
  constexpr std::string_view kNames[] = {
      "Array",   "Map",   "Tuple", "Nested",     "JSON",    "Object",          "Dynamic",
      "Variant", "Point", "Ring",  "LineString", "Polygon", "MultiLineString", "MultiPolygon"};
  return std::find(std::begin(kNames), std::end(kNames), name) != std::end(kNames);
}

ColumnType MapText(std::string_view text, const TypeRequest& request) {
  const NestedType type = ReadNestedType(Unwrapped(text), '(', ')');
  const bool right = request.form == Form::kRight;
  for (const auto& [name, starrocks] : kPlain) {
    if (type.name == name) return Plain(starrocks);
  }
  for (const auto& [name, starrocks] : kRightOnly) {
    if (type.name == name && right) return Plain(starrocks, "the original takes it for text");
  }
  if (type.name.starts_with("Decimal")) {
    const auto [precision, scale] = DecimalDigits(type);
    if (right) return Starrocks(DecimalRule(precision, scale, request));
    const uint32_t held = std::min<uint32_t>(precision, request.decimal_digits);
    return Plain(DecimalText(held, std::min(scale, held)));
  }
  if (type.name == "DateTime" || type.name == "DateTime64") return Moment(type, request.form);
  if (type.name == "AggregateFunction") {
    return {.lossy = "an aggregate's state is no value: select finalizeAggregation() into a table"};
  }
  if (IsContainer(type.name)) return Container(type, request);
  if (type.name == "String" && right) return Starrocks(TextRule(0, request));
  return Plain("STRING");
}

}  // namespace

ColumnType MapClickhouseType(const Column& column, const TypeRequest& request) {
  if (column.type.kind == TypeKind::kEnum) return Labelled(column, request);
  const NestedType type = ReadNestedType(Unwrapped(column.native_type), '(', ')');
  if (request.in_key && IsContainer(type.name) && request.form == Form::kRight) {
    return Plain("STRING", "containers can't be in a key");
  }
  return MapText(column.native_type, request);
}

}  // namespace starlift::smt
