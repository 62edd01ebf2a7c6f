#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sources/mysql/ddl/lexer.h"
#include "sources/mysql/ddl/statement.h"

namespace starlift::mysql {

// "CREATE" and "create" are one word.
bool SameWord(std::string_view a, std::string_view b);
std::string LowerCase(std::string_view text);

// A place among the tokens of one statement, and the small things that a parser does there. Never
// goes past kEnd. The statement must outlive it.
class TokenCursor {
 public:
  TokenCursor(std::string_view statement, std::vector<Token> tokens);

  const Token& Peek(size_t ahead = 0) const;
  bool AtEnd() const { return Peek().kind == TokenKind::kEnd; }
  // The keyword `word` is next: an unquoted word.
  bool AtWord(std::string_view word, size_t ahead = 0) const;
  bool AtSymbol(char symbol, size_t ahead = 0) const;

  Token Take();
  // Takes the words if all of them are next, in this order.
  bool TakeWords(std::initializer_list<std::string_view> words);
  bool TakeWord(std::string_view word) { return TakeWords({word}); }
  bool TakeSymbol(char symbol);

  Status ExpectWord(std::string_view word);
  Status ExpectSymbol(char symbol);
  // A column, table or index name, quoted or not.
  Result<std::string> TakeName();
  Result<TableName> TakeTableName();
  Result<uint64_t> TakeInteger();
  // One string, or several beside each other, which are one.
  Result<std::string> TakeString();
  // "(…)" with all that is nested in it; gives what stands between the outer parentheses.
  Result<std::string> TakeParenthesized();

  // The statement's text from a token on, up to the last one taken.
  std::string_view TextFrom(const Token& first) const;

  // "near `FROB`": what isn't understood.
  Error Unexpected(std::string_view wanted) const;

 private:
  const std::string_view statement_;
  const std::vector<Token> tokens_;
  size_t at_ = 0;
};

}  // namespace starlift::mysql
