#pragma once

#include <optional>
#include <string_view>

#include "base/result.h"
#include "sources/mysql/ddl/lexer.h"
#include "sources/mysql/ddl/statement.h"

namespace starlift::mysql {

struct ParserMode {
  LexerMode lexer;
  bool real_as_float = false;
};

struct ParsedStatement {
  Statement statement;
  // What isn't understood; the tables that had been named by then, if any.
  std::optional<Error> failure;
  std::vector<TableName> named;
};

// Reads one statement of a log. Statements that can't change tables are OtherStatement; one that
// isn't understood comes with a failure.
ParsedStatement ParseStatement(std::string_view statement, const ParserMode& mode);

}  // namespace starlift::mysql
