#pragma once

#include <string_view>
#include <vector>

#include "sandbox/sql/token.h"

namespace starlift::sandbox::sql {

// Splits a text into tokens; comments and blanks fall away, hints stay. The last token is kEnd.
// Never fails: what begins no token is passed over, as the real lexer does; an unterminated string
// or quoted name swallows the rest of the text, so that the parser meets the end too early.
std::vector<Token> Tokenize(std::string_view text);

// The statements of a text, cut at semicolons outside of strings and comments. Empty ones are left
// out. A text without any statement gives one empty view.
std::vector<std::string_view> SplitStatements(std::string_view text);

// Is this word (any case) reserved, that is, can it be a name only in backticks?
bool IsReservedWord(std::string_view word);

// `name` with its quotes; backticks inside are dropped, as the server's own names never hold any.
std::string QuoteName(std::string_view name);
// "…" with backslash escapes as SHOW CREATE TABLE prints them.
std::string QuoteText(std::string_view text);

}  // namespace starlift::sandbox::sql
