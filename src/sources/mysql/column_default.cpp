#include "sources/mysql/column_default.h"

#include <algorithm>
#include <string>
#include <string_view>

namespace starlift::mysql {
namespace {

bool StartsWithWord(std::string_view text, std::string_view word) {
  if (text.size() < word.size()) return false;
  return std::equal(word.begin(), word.end(), text.begin(), [](char a, char b) {
    return a == (b >= 'A' && b <= 'Z' ? static_cast<char>(b - 'A' + 'a') : b);
  });
}

bool IsCurrentTimestamp(std::string_view text) {
  return StartsWithWord(text, "current_timestamp") || StartsWithWord(text, "now(");
}

bool IsNumber(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
  });
}

// The inside of a literal as MariaDB prints it: quotes doubled, control bytes and backslashes
// escaped.
std::string Unquote(std::string_view literal) {
  const std::string_view inside = literal.substr(1, literal.size() - 2);
  std::string text;
  for (size_t i = 0; i < inside.size(); ++i) {
    const char c = inside[i];
    if ((c != '\'' && c != '\\') || i + 1 == inside.size()) {
      text.push_back(c);
      continue;
    }
    const char next = inside[++i];
    if (c == '\'') {
      text.push_back('\'');
      continue;
    }
    switch (next) {
      case '0':
        text.push_back('\0');
        break;
      case 'n':
        text.push_back('\n');
        break;
      case 'r':
        text.push_back('\r');
        break;
      case 't':
        text.push_back('\t');
        break;
      case 'Z':
        text.push_back('\x1a');
        break;
      default:
        text.push_back(next);
        break;
    }
  }
  return text;
}

void Set(Column& column, DefaultKind kind, std::string_view text) {
  column.default_kind = kind;
  column.default_text = text;
}

void ReadMariadbDefault(std::string_view text, Column& column) {
  if (text == "NULL") {
    column.default_kind = DefaultKind::kNull;
  } else if (text.size() >= 2 && text.front() == '\'' && text.back() == '\'') {
    Set(column, DefaultKind::kLiteral, Unquote(text));
  } else if (IsCurrentTimestamp(text)) {
    Set(column, DefaultKind::kCurrentTimestamp, text);
  } else {
    Set(column, IsNumber(text) ? DefaultKind::kLiteral : DefaultKind::kExpression, text);
  }
}

}  // namespace

void ReadDefault(const ColumnRow& row, bool mariadb_defaults, Column& column) {
  if (!row.default_text) {
    // MariaDB tells NULL by the word; no text at all means none there.
    if (row.nullable && !mariadb_defaults) column.default_kind = DefaultKind::kNull;
    return;
  }
  const std::string_view text = *row.default_text;
  if (mariadb_defaults) return ReadMariadbDefault(text, column);
  const bool temporal =
      column.type.kind == TypeKind::kTimestamp || column.type.kind == TypeKind::kDateTime;
  if (temporal && IsCurrentTimestamp(text))
    return Set(column, DefaultKind::kCurrentTimestamp, text);
  const bool expression = row.extra.find("DEFAULT_GENERATED") != std::string::npos;
  const bool bits = column.type.kind == TypeKind::kBit || IsBinary(column.type.kind);
  // b'101' and 0x41 are printed as SQL.
  const bool printed = bits && (text.starts_with("b'") || text.starts_with("0x"));
  Set(column, expression || printed ? DefaultKind::kExpression : DefaultKind::kLiteral, text);
}

}  // namespace starlift::mysql
