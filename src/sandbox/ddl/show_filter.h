#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "sandbox/sql/ast.h"
#include "sandbox/sql/result.h"

namespace starlift::sandbox::ddl {

// SQL LIKE with `%`, `_` and backslash escapes; `any_case` compares without case.
bool Like(std::string_view text, std::string_view pattern, bool any_case = false);

// One `column op literal` of a WHERE, joined by AND.
struct FilterTerm {
  std::string column;  // as written
  std::string op;      // "=", "!=", "<", "<=", ">", ">=", "LIKE", "NOT LIKE"
  std::string value;
};

// Parses a WHERE of that simple kind. 1064 syntax errors for what no expression is; 5064 with
// `unsupported` for expressions that SHOW does not take.
Result<std::vector<FilterTerm>> ParseFilterTerms(const sql::TextRange& where,
                                                 std::string_view unsupported);

// Keeps the rows that fit WHERE, sorts by ORDER BY, cuts by LIMIT. Columns are found by name
// without case; an unknown one is error 5064 with `unsupported`.
Status ApplyFilter(const sql::ShowFilter& filter, std::string_view unsupported,
                   sql::StatementResult& result);

}  // namespace starlift::sandbox::ddl
