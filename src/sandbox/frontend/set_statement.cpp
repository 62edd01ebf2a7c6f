#include <algorithm>
#include <cctype>

#include "sandbox/frontend/grant_statements.h"
#include "sandbox/frontend/statements.h"
#include "sandbox/query/parser.h"
#include "sandbox/query/types.h"

namespace starlift::sandbox::frontend {
namespace {

using sql::StatementResult;
using sql::Token;
using sql::TokenReader;

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return lower;
}

Status SetNames(Session* session, TokenReader* reader) {
  if (reader->Accept("DEFAULT")) return {};
  SL_ASSIGN(const std::string charset, NameOrText(reader));
  if (reader->Accept("COLLATE")) {
    if (!reader->Accept("DEFAULT")) {
      SL_ASSIGN([[maybe_unused]] const std::string collation, NameOrText(reader));
    }
  }
  const std::string lower = Lower(charset);
  if (lower != "utf8" && lower != "utf8mb4" && lower != "utf8mb3" && lower != "gbk") {
    return sql::AnalyzeError(sql::code::kUnknownCharset,
                             "Unknown character set: '" + charset + "'");
  }
  static_cast<void>(session);  // everything is UTF-8 anyway
  return {};
}

Status SetPassword(Session* session, TokenReader* reader) {
  std::string user = session->user();
  if (reader->Accept("FOR")) {
    SL_ASSIGN(user, NameOrText(reader));
    if (reader->Accept("@")) {
      SL_ASSIGN([[maybe_unused]] const std::string host, NameOrText(reader));
    }
  }
  SL_TRY(reader->Expect("="));
  std::string hash;
  if (reader->Accept({"PASSWORD", "("})) {
    SL_ASSIGN(const std::string password, reader->Text());
    SL_TRY(reader->Expect(")"));
    hash = NativePasswordHash(password);
  } else {
    SL_ASSIGN(const std::string hex, reader->Text());
    if (!hex.empty() && (hex.size() != 41 || hex[0] != '*')) {
      return sql::AnalyzeError("Password hash should be a 41-digit hexadecimal number");
    }
    for (size_t i = 1; i + 1 < hex.size(); i += 2) {
      hash += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
    }
  }
  UserStore& users = *session->server().environment.users;
  if (user != session->user()) SL_TRY(session->RequireSystem("GRANT"));
  auto principal = users.FindUser(user);
  if (!principal) return sql::AnalyzeError("cannot find user '" + user + "'@'%'");
  principal->password_hash = hash;
  return users.PutUser(*principal);
}

// SET ROLE and SET DEFAULT ROLE.
Status SetRole(Session* session, TokenReader* reader, bool as_default) {
  std::set<std::string> roles;
  const bool all = reader->Accept("ALL");
  if (!all && !reader->Accept("NONE") && !reader->Accept("DEFAULT")) {
    do {
      SL_ASSIGN(std::string role, NameOrText(reader));
      roles.insert(std::move(role));
    } while (reader->Accept(","));
  }
  std::string user = session->user();
  if (reader->Accept("TO") || reader->Accept("FOR")) {
    SL_ASSIGN(user, NameOrText(reader));
    if (reader->Accept("@")) {
      SL_ASSIGN([[maybe_unused]] const std::string host, NameOrText(reader));
    }
  }
  UserStore& users = *session->server().environment.users;
  auto principal = users.FindUser(user);
  if (!principal) return sql::AnalyzeError("cannot find user '" + user + "'@'%'");
  if (user != session->user()) SL_TRY(session->RequireSystem("GRANT"));
  for (const std::string& role : roles) {
    if (!users.FindRole(role)) return sql::AnalyzeError("cannot find role " + role);
    if (!principal->roles.contains(role)) {
      return sql::AnalyzeError("Role " + role + " is not granted to '" + user + "'@'%'");
    }
  }
  if (!as_default) return {};
  principal->default_roles = all ? principal->roles : roles;
  return users.PutUser(*principal);
}

// SET [SESSION] TRANSACTION …: accepted, there is one isolation level.
Status SetTransaction(TokenReader* reader) {
  while (true) {
    if (reader->Accept({"ISOLATION", "LEVEL"})) {
      if (!reader->Accept({"READ", "COMMITTED"}) && !reader->Accept({"READ", "UNCOMMITTED"}) &&
          !reader->Accept({"REPEATABLE", "READ"}) && !reader->Accept("SERIALIZABLE")) {
        return reader->Unexpected("'READ', 'REPEATABLE', 'SERIALIZABLE'");
      }
    } else if (!reader->Accept({"READ", "ONLY"}) && !reader->Accept({"READ", "WRITE"})) {
      return reader->Unexpected("'ISOLATION', 'READ'");
    }
    if (!reader->Accept(",")) return {};
  }
}

// The value behind `=`. nullopt: DEFAULT.
Result<std::optional<query::SessionValues::Value>> Value(Session* session, TokenReader* reader) {
  using query::SessionValues;
  const Token& next = reader->Peek();
  const auto word = [&](std::string text) {
    reader->Take();
    return SessionValues::Value{catalog::DataType::Varchar(static_cast<int>(text.size())),
                                std::move(text)};
  };
  if (reader->Accept("DEFAULT")) return std::optional<SessionValues::Value>();
  if (next.Is("ON") || next.Is("ALL")) return std::optional(word(std::string(next.text)));
  const bool ends = reader->Peek(1).Is(",") || reader->Peek(1).Is(";") ||
                    reader->Peek(1).kind == sql::TokenKind::kEnd;
  if (next.IsName() && ends) return std::optional(word(next.Name()));
  query::Parser parser(reader);
  SL_ASSIGN(const query::ExprPtr expression, parser.ParseExpression());
  SL_ASSIGN(SessionValues::Value value,
            query::EvaluateConstant(session->QueryEnvironmentFor(nullptr), *expression));
  return std::optional(std::move(value));
}

Status SetOne(Session* session, TokenReader* reader, const Token& begin) {
  if (reader->Accept("NAMES")) return SetNames(session, reader);
  if (reader->Accept({"CHARACTER", "SET"}) || reader->Accept("CHARSET") ||
      reader->Accept({"CHAR", "SET"})) {
    return SetNames(session, reader);
  }
  if (reader->Sees({"PASSWORD"})) {
    reader->Take();
    return SetPassword(session, reader);
  }
  if (reader->Accept({"DEFAULT", "ROLE"})) return SetRole(session, reader, true);
  if (reader->Accept("ROLE")) return SetRole(session, reader, false);
  if (reader->Accept("PROPERTY")) {
    while (!reader->AtEnd()) reader->Take();
    return {};
  }
  if (reader->Accept("CATALOG")) {
    SL_ASSIGN(const std::string catalog, reader->Name());
    return RequireInternalCatalog(*session, catalog);
  }
  if (reader->Accept("@")) {
    if (!reader->Sees({"@"})) {
      SL_ASSIGN(const std::string name, NameOrText(reader));
      if (!reader->Accept("=") && !reader->Accept(":=")) return reader->Unexpected("'='");
      SL_ASSIGN(auto value, Value(session, reader));
      session->SetUserVariable(name, value.value_or(query::SessionValues::Value{}));
      return {};
    }
    reader->Take();
  }
  std::string scope;
  for (const std::string_view word : {"GLOBAL", "SESSION", "LOCAL", "VERBOSE"}) {
    const bool prefix = reader->Peek().Is(word) && !reader->Peek(1).Is("=");
    if (!prefix) continue;
    reader->Take();
    reader->Accept(".");
    scope = word;
    break;
  }
  if (reader->Accept("TRANSACTION")) return SetTransaction(reader);
  if (!reader->Peek().IsName()) return reader->NoViable(begin);
  const std::string name = reader->Take().Name();
  if (!reader->Accept("=") && !reader->Accept(":=")) return reader->NoViable(begin);
  SL_ASSIGN(const auto value, Value(session, reader));
  if (!value) return session->SetVariableToDefault(name);
  return session->SetVariable(scope, name, *value);
}

}  // namespace

Result<StatementResult> ExecuteSet(Session* session, TokenReader* reader) {
  const Token begin = reader->Take();
  do {
    SL_TRY(SetOne(session, reader, begin));
  } while (reader->Accept(","));
  SL_TRY(reader->ExpectEnd());
  return StatementResult::Ok();
}

}  // namespace starlift::sandbox::frontend
