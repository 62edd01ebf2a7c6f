#include "sandbox/frontend/dispatcher.h"

#include <algorithm>
#include <array>

#include "sandbox/ddl/execute.h"
#include "sandbox/frontend/statements.h"
#include "sandbox/query/dml.h"
#include "sandbox/sql/lexer.h"
#include "sandbox/sql/parser.h"

namespace starlift::sandbox::frontend {
namespace {

using sql::StatementResult;
using sql::Token;

// Words that can begin a statement; any other is an "Unexpected input".
constexpr auto kFirstWords = std::to_array<std::string_view>(
    {"ADD",    "ADMIN",   "ALTER",    "ANALYZE",   "BACKUP",     "BEGIN",     "CACHE",   "CANCEL",
     "CLEAN",  "CLEAR",   "COMMIT",   "CREATE",    "DEALLOCATE", "DELETE",    "DESC",    "DESCRIBE",
     "DROP",   "EXECUTE", "EXPLAIN",  "EXPORT",    "GRANT",      "HELP",      "INSERT",  "INSTALL",
     "KILL",   "LOAD",    "LOCK",     "PAUSE",     "PREPARE",    "RECOVER",   "REFRESH", "RESTORE",
     "RESUME", "REVOKE",  "ROLLBACK", "SELECT",    "SET",        "SHOW",      "START",   "STOP",
     "SUBMIT", "SYNC",    "TRACE",    "TRANSLATE", "TRUNCATE",   "UNINSTALL", "UNLOCK",  "UPDATE",
     "USE",    "WITH"});

Status CheckFirstWord(const sql::TokenReader& reader) {
  const Token& first = reader.Peek();
  const bool parenthesis = first.Is("(");
  if (!parenthesis &&
      std::find(kFirstWords.begin(), kFirstWords.end(), first.value) == kFirstWords.end()) {
    return reader.Unexpected("'ADD', 'ADMIN', 'ALTER', 'ANALYZE', 'BACKUP', '(', ';'");
  }
  if (!parenthesis && !first.IsWord()) {
    return reader.Unexpected("'EXPORT', 'REVOKE', 'RECOVER', 'REFRESH', 'RESTORE', '(', ';'");
  }
  return {};
}

// Inside BEGIN only INSERT and the end of the transaction are allowed.
bool AllowedInTransaction(const sql::TokenReader& reader) {
  static constexpr auto kAllowed =
      std::to_array<std::string_view>({"INSERT", "BEGIN", "START", "COMMIT", "ROLLBACK", "SET"});
  return std::any_of(kAllowed.begin(), kAllowed.end(),
                     [&](std::string_view word) { return reader.Peek().Is(word); });
}

Result<StatementOutcome> Plain(Result<StatementResult> result) {
  if (!result.ok()) return std::move(result).error();
  return StatementOutcome{false, std::move(*result)};
}

Result<StatementResult> RunDml(Session* session, std::string_view text,
                               std::span<const Token> tokens, const query::Parameters* parameters) {
  SL_ASSIGN(const query::DmlOutcome outcome,
            query::ExecuteDml(session->QueryEnvironmentFor(parameters), text, tokens,
                              session->transaction().get()));
  StatementResult result = StatementResult::Ok();
  result.affected = outcome.rows;
  result.warnings = static_cast<uint16_t>(std::min<uint64_t>(outcome.filtered, UINT16_MAX));
  result.info = "{'label':'" + outcome.label + "', 'status':'" + outcome.status + "', 'txnId':'" +
                std::to_string(outcome.transaction_id) + "'}";
  return result;
}

// EXECUTE name [USING @a, @b]
Result<StatementOutcome> ExecutePrepared(Session* session, sql::TokenReader* reader,
                                         query::RowSink* sink) {
  reader->Take();
  SL_ASSIGN(const std::string name, reader->Name());
  query::Parameters parameters;
  if (reader->Accept("USING")) {
    do {
      SL_TRY(reader->Expect("@"));
      SL_ASSIGN(const std::string variable, reader->Name());
      parameters.push_back(session->UserVariable(variable));
    } while (reader->Accept(","));
  }
  SL_TRY(reader->ExpectEnd());
  const auto found = session->named_statements().find(name);
  if (found == session->named_statements().end()) {
    return sql::AnalyzeError("prepare statement can't be found @ " + name + ", maybe has expired");
  }
  const std::string text = found->second;
  return ExecuteStatement(session, text, &parameters, sink);
}

}  // namespace

Status CheckSyntax(std::string_view text) {
  const std::vector<Token> tokens = sql::Tokenize(text);
  SL_TRY(CheckFirstWord(sql::TokenReader(text, tokens)));
  if (query::IsQuery(tokens) || query::IsDml(tokens)) return query::CheckSyntax(text, tokens);
  if (!ddl::OwnsStatement(tokens)) return {};
  SL_ASSIGN([[maybe_unused]] const sql::Statement statement,
            sql::ParseSchemaStatement(text, tokens));
  return {};
}

Result<StatementOutcome> ExecuteStatement(Session* session, std::string_view text,
                                          const query::Parameters* parameters,
                                          query::RowSink* sink) {
  const std::vector<Token> tokens = sql::Tokenize(text);
  sql::TokenReader reader(text, tokens);
  SL_TRY(CheckFirstWord(reader));
  if (session->transaction() && !AllowedInTransaction(reader)) {
    return sql::SqlError(sql::code::kExplicitTransaction,
                         "Explicit transaction only support insert statement");
  }
  if (query::IsQuery(tokens)) {
    // A query with ? in a plain text is taken for a statement to prepare, and not run.
    const bool to_prepare =
        parameters == nullptr &&
        std::any_of(tokens.begin(), tokens.end(), [](const Token& token) { return token.Is("?"); });
    if (to_prepare) return StatementOutcome{};
    SL_ASSIGN([[maybe_unused]] const uint64_t rows,
              query::ExecuteQuery(session->QueryEnvironmentFor(parameters), text, tokens, sink));
    return StatementOutcome{true, {}};
  }
  if (query::IsDml(tokens)) return Plain(RunDml(session, text, tokens, parameters));
  if (reader.Sees({"EXECUTE"}) && !reader.Peek(1).Is("AS"))
    return ExecutePrepared(session, &reader, sink);
  if (auto system = ShowSystemTables(session, &reader)) return Plain(std::move(*system));
  if (ddl::OwnsStatement(tokens)) {
    return Plain(ddl::ExecuteDdl(*session->server().environment.ddl, *session, text, tokens));
  }
  return Plain(ExecuteOther(session, &reader));
}

}  // namespace starlift::sandbox::frontend
