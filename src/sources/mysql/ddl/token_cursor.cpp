#include "sources/mysql/ddl/token_cursor.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include <fmt/format.h>

namespace starlift::mysql {
namespace {

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

bool SameWord(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(),
                                            [](char x, char y) { return Lower(x) == Lower(y); });
}

std::string LowerCase(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(), Lower);
  return lower;
}

TokenCursor::TokenCursor(std::string_view statement, std::vector<Token> tokens)
    : statement_(statement), tokens_(std::move(tokens)) {}

const Token& TokenCursor::Peek(size_t ahead) const {
  return tokens_[std::min(at_ + ahead, tokens_.size() - 1)];
}

bool TokenCursor::AtWord(std::string_view word, size_t ahead) const {
  const Token& token = Peek(ahead);
  return token.kind == TokenKind::kWord && SameWord(token.text, word);
}

bool TokenCursor::AtSymbol(char symbol, size_t ahead) const {
  const Token& token = Peek(ahead);
  return token.kind == TokenKind::kSymbol && token.text[0] == symbol;
}

Token TokenCursor::Take() {
  const Token& token = Peek();
  if (at_ + 1 < tokens_.size()) ++at_;
  return token;
}

bool TokenCursor::TakeWords(std::initializer_list<std::string_view> words) {
  size_t ahead = 0;
  for (const std::string_view word : words) {
    if (!AtWord(word, ahead++)) return false;
  }
  at_ += words.size();
  return true;
}

bool TokenCursor::TakeSymbol(char symbol) {
  if (!AtSymbol(symbol)) return false;
  Take();
  return true;
}

Status TokenCursor::ExpectWord(std::string_view word) {
  if (!TakeWord(word)) return Unexpected(word);
  return {};
}

Status TokenCursor::ExpectSymbol(char symbol) {
  if (!TakeSymbol(symbol)) return Unexpected(std::string_view(&symbol, 1));
  return {};
}

Result<std::string> TokenCursor::TakeName() {
  const TokenKind kind = Peek().kind;
  if (kind != TokenKind::kWord && kind != TokenKind::kQuotedName) return Unexpected("a name");
  return Take().text;
}

Result<TableName> TokenCursor::TakeTableName() {
  TableName table;
  TakeSymbol('.');
  SL_ASSIGN(table.name, TakeName());
  if (TakeSymbol('.')) {
    table.database = std::move(table.name);
    SL_ASSIGN(table.name, TakeName());
  }
  return table;
}

Result<uint64_t> TokenCursor::TakeInteger() {
  const Token& token = Peek();
  uint64_t number = 0;
  const char* const end = token.text.data() + token.text.size();
  const auto [stop, failure] = std::from_chars(token.text.data(), end, number);
  if (token.kind != TokenKind::kNumber || failure != std::errc{} || stop != end) {
    return Unexpected("a number");
  }
  Take();
  return number;
}

Result<std::string> TokenCursor::TakeString() {
  // An introducer: _utf8mb4'text'. The caller has converted the whole statement.
  if (Peek().kind == TokenKind::kWord && Peek().text.starts_with('_') &&
      Peek(1).kind == TokenKind::kString) {
    Take();
  }
  if (Peek().kind != TokenKind::kString) return Unexpected("a text");
  std::string text;
  while (Peek().kind == TokenKind::kString) text += Take().text;
  return text;
}

Result<std::string> TokenCursor::TakeParenthesized() {
  SL_TRY(ExpectSymbol('('));
  const size_t begin = tokens_[at_ - 1].end;
  for (size_t depth = 1; !AtEnd();) {
    const Token token = Take();
    if (token.kind != TokenKind::kSymbol) continue;
    if (token.text == "(") ++depth;
    if (token.text == ")" && --depth == 0) {
      return std::string(statement_.substr(begin, token.begin - begin));
    }
  }
  return Unexpected(")");
}

std::string_view TokenCursor::TextFrom(const Token& first) const {
  return statement_.substr(first.begin, tokens_[at_ - 1].end - first.begin);
}

Error TokenCursor::Unexpected(std::string_view wanted) const {
  constexpr size_t kShown = 40;
  const std::string_view rest = statement_.substr(Peek().begin, kShown);
  return Error{ErrorKind::kPolicy, fmt::format("{} expected near \"{}\"", wanted, rest)};
}

}  // namespace starlift::mysql
