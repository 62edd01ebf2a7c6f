#pragma once

#include <string>
#include <string_view>

#include "starrocks/table_model.h"

namespace starlift::starrocks {

// `name` in backticks, backticks doubled.
std::string QuoteName(std::string_view name);

// "text" in double quotes, escaped as the server's lexer reads it; control characters as escapes,
// so that a statement never breaks its line inside a literal.
std::string QuoteString(std::string_view text);

// One statement each, beginning at a line's start and ending with ";" (no newline after it). No ";"
// ends a line before that.
std::string PrintCreateDatabase(std::string_view database);
std::string PrintCreateTable(const TargetTable& table);

}  // namespace starlift::starrocks
