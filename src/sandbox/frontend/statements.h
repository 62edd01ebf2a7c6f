#pragma once

#include "base/result.h"
#include "sandbox/frontend/session.h"
#include "sandbox/query/ast.h"
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
// SHOW TABLES and DESC of information_schema and sys, which the catalog does not hold
// (show_system_tables.cpp); nullopt: another statement, nothing taken.
std::optional<Result<sql::StatementResult>> ShowSystemTables(Session* session,
                                                             sql::TokenReader* reader);
// SHOW … (show_*.cpp).
Result<sql::StatementResult> ExecuteShow(Session* session, sql::TokenReader* reader);
// Of the cluster: BACKENDS, FRONTENDS, COMPUTE NODES, PROC (show_cluster.cpp); nullopt: another.
std::optional<Result<sql::StatementResult>> ShowCluster(Session* session, sql::TokenReader* reader);
// Of loads: LOAD, STREAM LOAD, TRANSACTION (show_loads.cpp); nullopt: another.
std::optional<Result<sql::StatementResult>> ShowLoads(Session* session, sql::TokenReader* reader);
// Those that have no rows here (show_empty.cpp); nullopt: another.
std::optional<Result<sql::StatementResult>> ShowEmpty(Session* session, sql::TokenReader* reader);
// External catalogs and resources: CREATE, DROP, SHOW (external_statements.cpp); nullopt: another,
// nothing taken.
std::optional<Result<sql::StatementResult>> ExecuteExternal(Session* session,
                                                            sql::TokenReader* reader);
// 5078 for a catalog that is unknown, 1064 for one that is outside and can't be read here.
Status RequireInternalCatalog(const Session& session, const std::string& name);
// ADMIN … (admin_statements.cpp).
Result<sql::StatementResult> ExecuteAdmin(Session* session, sql::TokenReader* reader);
// Features that this endpoint only refuses, in the frontend's words (refused_statements.cpp).
Result<sql::StatementResult> ExecuteRefused(Session* session, sql::TokenReader* reader);

// LIKE 'pattern' or WHERE condition behind a SHOW.
struct ShowFilter {
  std::optional<std::string> like;
  query::ExprPtr where;
};
Result<ShowFilter> ParseShowFilter(sql::TokenReader* reader);

// Rows that do not fit are taken out; LIKE looks at one column, WHERE at any by its name.
void ApplyShowFilter(const ShowFilter& filter, size_t like_column, sql::StatementResult* result);

// Columns of SHOW results, VAR_STRING of the announced length.
sql::StatementResult ShowResult(std::initializer_list<const char*> names, uint32_t length);

}  // namespace starlift::sandbox::frontend
