#pragma once

#include <span>
#include <string_view>

#include "base/result.h"
#include "sandbox/ddl/environment.h"
#include "sandbox/sql/result.h"
#include "sandbox/sql/token.h"

namespace starlift::sandbox::ddl {

// Whether a statement is about schema objects (CREATE/ALTER/DROP DATABASE, TABLE, VIEW,
// MATERIALIZED VIEW, INDEX; TRUNCATE, RECOVER, CANCEL ALTER; DESC of a table; SHOW CREATE, TABLES,
// COLUMNS, …), by its first words. `CREATE USER`, `SHOW VARIABLES` and the like are not.
bool OwnsStatement(std::span<const sql::Token> tokens);

// Parses and executes one such statement. `text` is what `tokens` were made from.
Result<sql::StatementResult> ExecuteDdl(const Environment& environment,
                                        const SessionContext& session, std::string_view text,
                                        std::span<const sql::Token> tokens);

}  // namespace starlift::sandbox::ddl
