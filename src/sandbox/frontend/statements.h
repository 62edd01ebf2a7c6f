#pragma once

#include "base/result.h"
#include "sandbox/frontend/session.h"
#include "sandbox/sql/result.h"
#include "sandbox/sql/token_reader.h"

// Statements that are neither DDL nor queries. Each function parses and executes its own; the
// reader stands before the first word.
namespace starlift::sandbox::frontend {

// All of the below, by the first words.
Result<sql::StatementResult> ExecuteOther(Session* session, sql::TokenReader* reader);

// SET …: variables, names, transaction, password, role (set_statement.cpp).
Result<sql::StatementResult> ExecuteSet(Session* session, sql::TokenReader* reader);
// BEGIN, START TRANSACTION, COMMIT, ROLLBACK (transaction_statements.cpp).
Result<sql::StatementResult> ExecuteTransaction(Session* session, sql::TokenReader* reader);
// CREATE/ALTER/DROP USER and ROLE, GRANT, REVOKE, SHOW GRANTS and their kind (user_statements.cpp).
bool OwnsUserStatement(const sql::TokenReader& reader);
Result<sql::StatementResult> ExecuteUserStatement(Session* session, sql::TokenReader* reader);
// SHOW … (show_*.cpp).
Result<sql::StatementResult> ExecuteShow(Session* session, sql::TokenReader* reader);
// ADMIN … (admin_statements.cpp).
Result<sql::StatementResult> ExecuteAdmin(Session* session, sql::TokenReader* reader);
// Features that this endpoint only refuses, in the frontend's words (refused_statements.cpp).
Result<sql::StatementResult> ExecuteRefused(Session* session, sql::TokenReader* reader);

// LIKE 'pattern' or WHERE name = 'x' behind a SHOW, applied to rows by the column's index.
struct ShowFilter {
  std::optional<std::string> like;
  std::vector<std::pair<std::string, std::string>> equals;  // WHERE column = 'text' AND …
};
Result<ShowFilter> ParseShowFilter(sql::TokenReader* reader);
void ApplyShowFilter(const ShowFilter& filter, size_t like_column, sql::StatementResult* result);

// Columns of SHOW results, VAR_STRING of the announced length.
sql::StatementResult ShowResult(std::initializer_list<const char*> names, uint32_t length);

}  // namespace starlift::sandbox::frontend
