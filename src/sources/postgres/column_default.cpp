#include "sources/postgres/column_default.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

namespace starlift::postgres {
namespace {

bool IsNumber(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
  });
}

struct Literal {
  std::string text;
  std::string_view rest;  // what follows the closing quote
};

// '…' with doubled quotes, or E'…' with doubled backslashes besides.
std::optional<Literal> ReadQuoted(std::string_view text) {
  const bool escapes = text.starts_with("E'");
  if (escapes) text.remove_prefix(1);
  if (!text.starts_with('\'')) return std::nullopt;
  Literal literal;
  for (size_t i = 1; i < text.size(); ++i) {
    const char c = text[i];
    const bool doubled = i + 1 < text.size() && text[i + 1] == c;
    if (c == '\'' && !doubled) {
      literal.rest = text.substr(i + 1);
      return literal;
    }
    if ((c == '\'' || (escapes && c == '\\')) && doubled) ++i;
    literal.text += c;
  }
  return std::nullopt;
}

// Nothing but casts: "::character varying(20)", "::public.\"Mood\"", "::text[]".
bool IsCast(std::string_view text) {
  if (!text.empty() && !text.starts_with("::")) return false;
  return text.find_first_of("+-*/|(',") == std::string_view::npos ||
         (text.find_first_of("+-*/|'") == std::string_view::npos &&
          text.find('(') != std::string_view::npos && text.find(')') != std::string_view::npos);
}

// 5, (-1), 1.5::real, (0)::numeric(10,2)
std::optional<std::string_view> ReadNumber(std::string_view text) {
  std::string_view number = text.substr(0, text.find("::"));
  const std::string_view cast = text.substr(number.size());
  if (number.starts_with('(') && number.ends_with(')')) {
    number = number.substr(1, number.size() - 2);
  }
  if (!IsNumber(number) || !IsCast(cast)) return std::nullopt;
  return number;
}

bool IsCurrentTimestamp(std::string_view text) {
  return text == "now()" || text == "CURRENT_TIMESTAMP" || text == "LOCALTIMESTAMP" ||
         text.starts_with("CURRENT_TIMESTAMP(") || text.starts_with("LOCALTIMESTAMP(") ||
         text == "transaction_timestamp()" || text == "statement_timestamp()" ||
         text == "clock_timestamp()";
}

bool IsMoment(TypeKind kind) { return kind == TypeKind::kDateTime || kind == TypeKind::kTimestamp; }

void Set(Column& column, DefaultKind kind, std::string_view text) {
  column.default_kind = kind;
  column.default_text = text;
}

}  // namespace

void ReadDefault(const ColumnRow& row, Column& column) {
  if (row.identity) {
    column.auto_increment = true;
    return;
  }
  if (!row.default_expression) {
    if (column.nullable) column.default_kind = DefaultKind::kNull;
    return;
  }
  const std::string_view text = *row.default_expression;
  if (text.starts_with("nextval(")) {
    column.auto_increment = true;
    return;
  }
  if (text == "NULL" || (text.starts_with("NULL::") && IsCast(text.substr(4)))) {
    column.default_kind = DefaultKind::kNull;
    return;
  }
  if (IsCurrentTimestamp(text)) {
    return Set(
        column,
        IsMoment(column.type.kind) ? DefaultKind::kCurrentTimestamp : DefaultKind::kExpression,
        text);
  }
  const auto quoted = ReadQuoted(text);
  // An array or a row has a text form of its own, which is no JSON.
  const bool foreign_text =
      column.type.kind == TypeKind::kJson && !column.native_type.starts_with("json");
  if (quoted && IsCast(quoted->rest) && !foreign_text) {
    return Set(column, DefaultKind::kLiteral, quoted->text);
  }
  if (const auto number = ReadNumber(text)) return Set(column, DefaultKind::kLiteral, *number);
  if (text == "true" || text == "false") return Set(column, DefaultKind::kLiteral, text);
  Set(column, DefaultKind::kExpression, text);
}

}  // namespace starlift::postgres
