#pragma once

#include <string>

#include "sandbox/frontend/session.h"
#include "sandbox/sql/result.h"
#include "sandbox/sql/token_reader.h"

// GRANT, REVOKE and SHOW GRANTS, and what the statements about users share with them.
namespace starlift::sandbox::frontend {

// The first word is still there.
Result<sql::StatementResult> ExecuteGrant(Session* session, sql::TokenReader* reader);
Result<sql::StatementResult> ExecuteRevoke(Session* session, sql::TokenReader* reader);
// SHOW GRANTS is taken already.
Result<sql::StatementResult> ShowGrants(Session* session, sql::TokenReader* reader);

// 'name'@'%'
std::string IdentityText(const std::string& user);
Result<std::string> NameOrText(sql::TokenReader* reader);
// name or name@host; the host is not kept, all users come from anywhere.
Result<std::string> UserName(sql::TokenReader* reader);

}  // namespace starlift::sandbox::frontend
