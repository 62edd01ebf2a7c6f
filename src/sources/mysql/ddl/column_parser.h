#pragma once

#include "base/result.h"
#include "sources/mysql/ddl/statement.h"
#include "sources/mysql/ddl/token_cursor.h"

namespace starlift::mysql {

// Reads one column: its name, type and attributes, up to the comma or parenthesis that ends it, or
// FIRST, AFTER. REAL is FLOAT where the sql_mode says so.
Result<ColumnDefinition> ParseColumn(TokenCursor& cursor, bool real_as_float);

// What follows DEFAULT.
Result<DefaultDefinition> ParseDefault(TokenCursor& cursor);

// "[=] name", also in quotes, of a charset or collation: lower case.
Result<std::string> ParseCharsetName(TokenCursor& cursor);

// REFERENCES …, which defines nothing here.
Status SkipReferences(TokenCursor& cursor);

}  // namespace starlift::mysql
