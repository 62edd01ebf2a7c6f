#pragma once

#include <initializer_list>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "sandbox/sql/token.h"

namespace starlift::sandbox::sql {

// A name of one to three parts: [[catalog.]database.]table.
struct QualifiedName {
  std::vector<std::string> parts;
  Position position;

  const std::string& last() const { return parts.back(); }
  std::string ToString() const;  // parts joined by dots
};

// A piece of the statement kept as text: an expression or a query.
struct TextRange {
  std::string_view text;
  Position begin;
  Position end;
};

using Properties = std::vector<std::pair<std::string, std::string>>;

// A cursor over the tokens of one statement, with the errors that the real parser gives. Hints are
// passed over. Used by every recursive-descent parser here; one thread.
class TokenReader {
 public:
  // Both must outlive the reader; `tokens` ends with kEnd.
  TokenReader(std::string_view text, std::span<const Token> tokens);

  const Token& Peek(size_t ahead = 0) const;
  const Token& Previous() const { return tokens_[previous_]; }
  Token Take();
  bool AtEnd() const { return Peek().kind == TokenKind::kEnd; }

  // Whether the coming tokens are these words or operators.
  bool Sees(std::initializer_list<std::string_view> words) const;
  // Takes them if they come.
  bool Accept(std::initializer_list<std::string_view> words);
  bool Accept(std::string_view word) { return Accept({word}); }
  Status Expect(std::string_view word);
  Status Expect(std::initializer_list<std::string_view> words);

  // The end of the statement, possibly after a semicolon.
  Status ExpectEnd();

  Result<std::string> Name();
  Result<QualifiedName> ObjectName();
  Result<std::string> Text();
  Result<int64_t> Integer();
  // (a, b, c): at least one.
  Result<std::vector<std::string>> NameList();
  // ("k" = "v", …), the word PROPERTIES taken already.
  Result<Properties> PropertyList();
  // IF EXISTS / IF NOT EXISTS.
  Result<bool> IfExists();
  Result<bool> IfNotExists();

  // Everything up to the statement's end (a semicolon at its very end left out).
  TextRange RestAsText();
  // An expression: up to a comma or closing parenthesis on its own level, one of `stops`, or the
  // end.
  TextRange ExpressionText(std::initializer_list<std::string_view> stops);

  // "Unexpected input 'x', the most similar input is {expected}".
  Error Unexpected(std::string_view expected) const;
  // "No viable statement for input '…'": from `begin` to the coming token.
  Error NoViable(const Token& begin) const;
  Error NoViable() const;  // from the start of the statement

  size_t position() const { return next_; }
  void Rewind(size_t position) { next_ = position; }
  std::string_view text() const { return text_; }

 private:
  TextRange RangeOf(size_t first_token, size_t after_token) const;

  std::string_view text_;
  std::vector<Token> tokens_;
  size_t next_ = 0;
  size_t previous_ = 0;
};

}  // namespace starlift::sandbox::sql
