#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sources/mysql/session.h"

namespace starlift::mysql {

enum class TokenKind : uint8_t {
  kWord,        // keyword or plain name, as written
  kQuotedName,  // `name`, or "name" with ANSI_QUOTES; without quotes
  kString,      // 'text' or "text"; without quotes, escapes undone
  kNumber,      // 12, 1.5, 2e-3
  kBits,        // b'01', 0b01: the digits
  kHex,         // x'41', 0x41: the digits
  kSymbol,      // one character
  kEnd,
};

struct Token {
  TokenKind kind = TokenKind::kEnd;
  std::string text;
  // Where it stands in the statement, quotes included.
  size_t begin = 0;
  size_t end = 0;
};

// What decides how a statement is cut into tokens.
struct LexerMode {
  bool ansi_quotes = false;
  bool no_backslash_escapes = false;
  // "/*!80013 … */" is live for servers of at least that version, "/*M! … */" for MariaDB only.
  ServerVersion version;
};

// The tokens of one statement, closed by kEnd. Comments are gone, the inside of live ones is there.
// kData for a quote or comment that doesn't end.
Result<std::vector<Token>> Tokenize(std::string_view statement, const LexerMode& mode);

}  // namespace starlift::mysql
