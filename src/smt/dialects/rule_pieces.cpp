#include "smt/dialects/rule_pieces.h"

#include <algorithm>

#include <fmt/format.h>

#include "smt/dialects/native_type.h"

namespace starlift::smt {
namespace {

// STRING is VARCHAR(65533), in bytes; a character takes up to four.
constexpr uint64_t kStringCharacters = 65533 / 4;
constexpr uint64_t kMaxVarcharBytes = 1048576;

std::string_view Trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

}  // namespace

ColumnType SameType(std::string_view starrocks, std::string_view flink) {
  return {.starrocks = std::string(starrocks), .flink = std::string(flink)};
}

ColumnType DecimalRule(uint32_t precision, uint32_t scale, const TypeRequest& request) {
  if (precision > request.decimal_digits) {
    ColumnType type = SameType("STRING", "STRING");
    type.reason = fmt::format("StarRocks holds {} digits", request.decimal_digits);
    type.lossy = "lands as text";
    return type;
  }
  const std::string text = DecimalText(precision, scale);
  if (!request.in_primary_key) return SameType(text, text);
  return {.starrocks = fmt::format("VARCHAR({})", precision + 3),
          .flink = "STRING",
          .flink_source = text,
          .flink_expression = "CAST({} AS STRING)",
          .lossy = "lands as text and sorts as text",
          .reason = "StarRocks has no DECIMAL in a primary key"};
}

ColumnType TextRule(uint64_t characters, const TypeRequest& request) {
  ColumnType type = SameType("STRING", "STRING");
  if (request.form == Form::kCompat || request.in_key) return type;
  const bool bounded = characters > 0;
  if (bounded && characters <= kStringCharacters) return type;
  type.starrocks = fmt::format(
      "VARCHAR({})", bounded ? std::min(characters * 4, kMaxVarcharBytes) : kMaxVarcharBytes);
  type.reason = "texts may be longer than STRING's 65533 bytes";
  if (!bounded) type.lossy = "values over 1048576 bytes don't fit";
  return type;
}

ColumnType JsonRule(const TypeRequest& request) {
  if (request.form == Form::kCompat || request.in_key) return SameType("STRING", "STRING");
  ColumnType type = SameType("JSON", "STRING");
  type.reason = "documents may be longer than STRING's 65533 bytes, and JSON can be queried";
  return type;
}

void SendAsHex(ColumnType& type, bool in_key) {
  type.flink_options.emplace_back("debezium.binary.handling.mode", "hex");
  if (!in_key) type.load_expression = "to_binary({0},\"hex\")";
}

ColumnType BytesRule(const TypeRequest& request) {
  if (request.form == Form::kCompat) return SameType("STRING", "STRING");
  ColumnType type = SameType(request.in_key ? "STRING" : "VARBINARY", "STRING");
  SendAsHex(type, request.in_key);
  type.reason = "bytes are no text";
  type.lossy = request.in_key ? "a binary key lands as lower-case hex text"
                              : "values over 524288 bytes don't fit";
  return type;
}

ColumnType TimeOfDayRule(uint32_t digits) {
  ColumnType type = SameType("STRING", "STRING");
  type.flink_source = fmt::format("TIME({})", digits);
  type.flink_expression = "CAST({} AS STRING)";
  type.reason = "a time of day is no DATETIME";
  type.lossy = "Flink keeps milliseconds of a time";
  return type;
}

NestedType ReadNestedType(std::string_view text, char open, char close) {
  text = Trimmed(text);
  const size_t begin = text.find(open);
  if (begin == std::string_view::npos || !text.ends_with(close)) return {.name = text};
  NestedType type{.name = Trimmed(text.substr(0, begin))};
  const std::string_view inside = text.substr(begin + 1, text.size() - begin - 2);
  size_t start = 0;
  int depth = 0;
  char quote = '\0';
  for (size_t i = 0; i < inside.size(); ++i) {
    const char c = inside[i];
    if (quote != '\0') {
      if (c == '\\') ++i;
      if (c == quote) quote = '\0';
    } else if (c == '\'' || c == '`') {
      quote = c;
    } else if (c == '(' || c == '<') {
      ++depth;
    } else if (c == ')' || c == '>') {
      --depth;
    } else if (c == ',' && depth == 0) {
      type.arguments.push_back(Trimmed(inside.substr(start, i - start)));
      start = i + 1;
    }
  }
  if (start < inside.size()) type.arguments.push_back(Trimmed(inside.substr(start)));
  return type;
}

}  // namespace starlift::smt
