#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sandbox/sql/error.h"

namespace starlift::sandbox::sql {

enum class TokenKind : uint8_t {
  kIdentifier,  // unquoted word that is not reserved; keywords that may be names are this too
  kKeyword,     // a reserved word: never a name unless quoted
  kQuotedIdentifier,
  kString,    // '…' or "…"
  kInteger,   // digits
  kDecimal,   // 1.5, .5, 1.
  kDouble,    // 1e5
  kBinary,    // x'…', X'…'
  kOperator,  // ( ) , ; . = <=> != … one token each
  kHint,      // /*+ … */
  kEnd,
};

// One token. Views point into the statement text, which must outlive them, except `value`.
struct Token {
  TokenKind kind = TokenKind::kEnd;
  std::string_view text;  // as written, quotes and all; "<EOF>" is not here: kEnd has empty text
  // kIdentifier, kKeyword: upper case. kQuotedIdentifier: without its backticks. kString:
  // unescaped. kBinary: the hex digits. Otherwise the text.
  std::string value;
  size_t offset = 0;  // bytes from the start of the text
  Position position;

  bool Is(std::string_view upper_word_or_operator) const;
  // Word of either sort, not quoted.
  bool IsWord() const { return kind == TokenKind::kIdentifier || kind == TokenKind::kKeyword; }
  // May stand where a name is wanted: quoted, not reserved, or a word such as 1abc.
  bool IsName() const {
    return kind == TokenKind::kIdentifier || kind == TokenKind::kQuotedIdentifier;
  }
  // The name as the catalog takes it: unquoted names keep their case.
  std::string Name() const;
  size_t end_offset() const { return offset + text.size(); }
};

}  // namespace starlift::sandbox::sql
