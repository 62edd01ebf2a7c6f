#include "starrocks/ddl_lexer.h"

#include <cctype>

#include <fmt/format.h>
#include <strings.h>

namespace starlift::starrocks {
namespace {

bool IsWordByte(unsigned char c) { return std::isalnum(c) || c == '_' || c == '$' || c >= 0x80; }

char Unescaped(char c) {
  switch (c) {
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    case 'b':
      return '\b';
    case '0':
      return '\0';
    case 'Z':
      return '\x1A';
    default:
      return c;
  }
}

// Reads from the opening quote at `at`; a doubled quote is one, and a backslash escapes in strings.
bool ReadQuoted(std::string_view sql, size_t& at, std::string& text) {
  const char quote = sql[at++];
  while (at < sql.size()) {
    const char c = sql[at++];
    if (c == quote) {
      if (at < sql.size() && sql[at] == quote) {
        text += quote;
        ++at;
        continue;
      }
      return true;
    }
    if (c == '\\' && quote != '`' && at < sql.size()) {
      text += Unescaped(sql[at++]);
    } else {
      text += c;
    }
  }
  return false;
}

}  // namespace

bool DdlToken::Is(std::string_view word) const {
  return (kind == DdlTokenKind::kWord || kind == DdlTokenKind::kSign) &&
         text.size() == word.size() && strncasecmp(text.data(), word.data(), word.size()) == 0;
}

Result<std::vector<DdlToken>> LexDdl(std::string_view sql) {
  std::vector<DdlToken> tokens;
  size_t at = 0;
  while (true) {
    while (at < sql.size() && std::isspace(static_cast<unsigned char>(sql[at]))) ++at;
    DdlToken token{.begin = at, .end = at};
    if (at == sql.size()) {
      tokens.push_back(std::move(token));
      return tokens;
    }
    const char c = sql[at];
    if (c == '`' || c == '"' || c == '\'') {
      token.kind = c == '`' ? DdlTokenKind::kName : DdlTokenKind::kString;
      if (!ReadQuoted(sql, at, token.text)) {
        return Error{
            .kind = ErrorKind::kData,
            .message = fmt::format("a quote at byte {} of the statement has no end", token.begin)};
      }
    } else if (IsWordByte(static_cast<unsigned char>(c))) {
      token.kind = DdlTokenKind::kWord;
      while (at < sql.size() && IsWordByte(static_cast<unsigned char>(sql[at]))) ++at;
      token.text = sql.substr(token.begin, at - token.begin);
    } else {
      token.kind = DdlTokenKind::kSign;
      token.text = c;
      ++at;
    }
    token.end = at;
    tokens.push_back(std::move(token));
  }
}

}  // namespace starlift::starrocks
