#include "sandbox/ddl/execute.h"

#include <variant>

#include "sandbox/ddl/statements.h"
#include "sandbox/sql/parser.h"

namespace starlift::sandbox::ddl {

bool OwnsStatement(std::span<const sql::Token> tokens) { return sql::IsSchemaStatement(tokens); }

Result<sql::StatementResult> ExecuteDdl(const Environment& environment,
                                        const SessionContext& session, std::string_view text,
                                        std::span<const sql::Token> tokens) {
  SL_ASSIGN(const sql::Statement statement, sql::ParseSchemaStatement(text, tokens));
  const StatementContext context{environment, session};
  return std::visit([&](const auto& parsed) { return Execute(context, parsed); }, statement);
}

}  // namespace starlift::sandbox::ddl
