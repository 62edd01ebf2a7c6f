// Dispatch by first words, and the small ones: USE, KILL, EXPLAIN, LOCK, PREPARE, HELP, SYNC.
#include "sandbox/frontend/statements.h"
#include "sandbox/query/execute.h"
#include "sandbox/sql/lexer.h"

namespace starlift::sandbox::frontend {
namespace {

using sql::StatementResult;
using sql::Token;
using sql::TokenReader;

Result<StatementResult> Use(Session* session, TokenReader* reader) {
  const Token begin = reader->Take();
  if (!reader->Peek().IsName() && reader->Peek().kind != sql::TokenKind::kString)
    return reader->NoViable(begin);
  if (reader->Peek().kind == sql::TokenKind::kString) {  // USE 'catalog c'
    const std::string what = reader->Take().value;
    const size_t blank = what.find(' ');
    const std::string name = blank == std::string::npos ? what : what.substr(blank + 1);
    SL_TRY(RequireInternalCatalog(*session, name));
    return StatementResult::Ok();
  }
  if (reader->Accept("CATALOG") && !reader->AtEnd()) {
    SL_ASSIGN(const std::string name, reader->Name());
    SL_TRY(RequireInternalCatalog(*session, name));
    return StatementResult::Ok();
  }
  SL_ASSIGN(const sql::QualifiedName name, reader->ObjectName());
  SL_TRY(reader->ExpectEnd());
  SL_TRY(session->UseDatabase(name.ToString()));
  return StatementResult::Ok();
}

Result<StatementResult> Kill(Session* session, TokenReader* reader) {
  const Token begin = reader->Take();
  const bool query_only = reader->Accept("QUERY");
  if (!query_only) reader->Accept("CONNECTION");
  if (reader->Peek().kind != sql::TokenKind::kInteger) return reader->NoViable(begin);
  const std::string digits = reader->Peek().value;
  SL_ASSIGN(const int64_t id, reader->Integer());
  SL_TRY(reader->ExpectEnd());
  SessionRegistry& sessions = session->server().sessions;
  const std::string owner = sessions.UserOf(static_cast<uint32_t>(id));
  if (owner.empty() || id > UINT32_MAX) {
    return sql::SqlError(sql::code::kUnknownThread, "Unknown thread id: " + digits);
  }
  if (owner != session->user()) SL_TRY(session->RequireSystem("OPERATE"));
  if (id == session->id() && !query_only) {
    session->Kill(true);
    return StatementResult::Ok();
  }
  sessions.Kill(static_cast<uint32_t>(id), !query_only);
  return StatementResult::Ok();
}

Result<StatementResult> Explain(Session* session, TokenReader* reader) {
  const Token begin = reader->Take();
  for (const std::string_view level :
       {"LOGICAL", "VERBOSE", "COSTS", "ANALYZE", "SCHEDULER", "OPTIMIZER", "REWRITE"}) {
    if (reader->Accept(level)) break;
  }
  const Token& what = reader->Peek();
  const bool statement = what.Is("SELECT") || what.Is("WITH") || what.Is("(") ||
                         what.Is("INSERT") || what.Is("UPDATE") || what.Is("DELETE") ||
                         what.Is("CREATE");
  if (!statement) return reader->NoViable(begin);
  std::vector<Token> tokens = sql::Tokenize(reader->text());
  std::erase_if(tokens, [&](const Token& token) {
    return token.offset < what.offset && token.kind != sql::TokenKind::kEnd;
  });
  SL_ASSIGN(const std::vector<std::string> lines,
            query::ExplainStatement(session->QueryEnvironmentFor(nullptr), reader->text(), tokens));
  StatementResult result = ShowResult({"Explain String"}, 60);
  for (const std::string& line : lines) result.rows.push_back({line});
  return result;
}

Result<StatementResult> Analyze(Session* session, TokenReader* reader) {
  const Token begin = reader->Take();
  if (!reader->Accept("FULL")) reader->Accept("SAMPLE");
  if (!reader->Accept("TABLE")) return reader->NoViable(begin);
  SL_ASSIGN(const sql::QualifiedName name, reader->ObjectName());
  const std::string database =
      name.parts.size() > 1 ? name.parts[name.parts.size() - 2] : session->current_database();
  if (database.empty())
    return sql::AnalyzeError(sql::code::kNoDatabaseSelected, "No database selected");
  if (!session->server().environment.ddl->catalog->FindTable(database, name.last())) {
    return sql::AnalyzeError("Table " + name.last() + " is not found");
  }
  StatementResult result = ShowResult({"Table", "Op", "Msg_type", "Msg_text"}, 600);
  result.rows.push_back({database + "." + name.last(), "analyze", "status", "OK"});
  return result;
}

Result<StatementResult> Help(TokenReader* reader) {
  reader->Take();
  StatementResult result = ShowResult({"name"}, 192);
  sql::ResultColumn category;
  category.name = "is_it_category";
  category.length = 3;
  result.columns.push_back(category);
  return result;
}

// PREPARE name FROM 'text', or FROM the statement itself.
Result<StatementResult> Prepare(Session* session, TokenReader* reader) {
  reader->Take();
  SL_ASSIGN(std::string name, reader->Name());
  SL_TRY(reader->Expect("FROM"));
  std::string text;
  if (reader->Peek().kind == sql::TokenKind::kString) {
    text = reader->Take().value;
    SL_TRY(reader->ExpectEnd());
  } else {
    text = std::string(reader->RestAsText().text);
  }
  const std::vector<Token> tokens = sql::Tokenize(text);
  if (!query::IsQuery(tokens)) {
    return sql::AnalyzeError(
        sql::code::kUnsupportedPrepared,
        "This command is not supported in the prepared statement protocol yet");
  }
  SL_ASSIGN([[maybe_unused]] const query::QueryShape shape,
            query::DescribeQuery(session->QueryEnvironmentFor(nullptr), text, tokens));
  session->named_statements()[std::move(name)] = std::move(text);
  return StatementResult::Ok();
}

Result<StatementResult> Deallocate(Session* session, TokenReader* reader) {
  reader->Take();
  SL_TRY(reader->Expect("PREPARE"));
  SL_ASSIGN(const std::string name, reader->Name());
  SL_TRY(reader->ExpectEnd());
  session->named_statements().erase(name);
  return StatementResult::Ok();
}

Result<StatementResult> Accepted(TokenReader* reader) {
  while (!reader->AtEnd()) reader->Take();
  return StatementResult::Ok();
}

}  // namespace

StatementResult ShowResult(std::initializer_list<const char*> names, uint32_t length) {
  return StatementResult::Rows(sql::TextColumns(names, length));
}

Result<StatementResult> ExecuteOther(Session* session, TokenReader* reader) {
  const Token& word = reader->Peek();
  if (OwnsUserStatement(*reader)) return ExecuteUserStatement(session, reader);
  if (auto external = ExecuteExternal(session, reader)) return std::move(*external);
  if (word.Is("SHOW")) return ExecuteShow(session, reader);
  if (word.Is("SET")) return ExecuteSet(session, reader);
  if (word.Is("USE")) return Use(session, reader);
  if (word.Is("BEGIN") || word.Is("START") || word.Is("COMMIT") || word.Is("ROLLBACK")) {
    return ExecuteTransaction(session, reader);
  }
  if (word.Is("KILL")) return Kill(session, reader);
  if (word.Is("EXPLAIN") || word.Is("DESC") || word.Is("DESCRIBE")) return Explain(session, reader);
  if (word.Is("ANALYZE")) return Analyze(session, reader);
  if (word.Is("ADMIN")) return ExecuteAdmin(session, reader);
  if (word.Is("PREPARE")) return Prepare(session, reader);
  if (word.Is("DEALLOCATE") || (word.Is("DROP") && reader->Peek(1).Is("PREPARE"))) {
    return Deallocate(session, reader);
  }
  if (word.Is("HELP")) return Help(reader);
  if (word.Is("LOCK") || word.Is("UNLOCK") || word.Is("SYNC")) return Accepted(reader);
  return ExecuteRefused(session, reader);
}

}  // namespace starlift::sandbox::frontend
