#include <algorithm>
#include <array>

#include "sandbox/frontend/grant_statements.h"
#include "sandbox/frontend/statements.h"

namespace starlift::sandbox::frontend {
namespace {

using sql::StatementResult;
using sql::Token;
using sql::TokenReader;

Error UserError(std::string_view operation, const std::string& identity, std::string_view what) {
  return sql::AnalyzeError("Operation " + std::string(operation) + " failed for " + identity +
                           " : " + std::string(what));
}

// IDENTIFIED BY 'x' | IDENTIFIED BY PASSWORD '*…' | IDENTIFIED WITH plugin [BY|AS 'x'].
Status ParseIdentified(TokenReader* reader, Principal* user) {
  if (!reader->Accept("IDENTIFIED")) return {};
  if (reader->Accept("WITH")) {
    SL_ASSIGN(const std::string plugin, NameOrText(reader));
    if (plugin != "mysql_native_password" && plugin != "authentication_ldap_simple") {
      return sql::AnalyzeError("Cannot find authentication plugin " + plugin);
    }
    if (!reader->Accept("BY") && !reader->Accept("AS")) return {};
  } else {
    SL_TRY(reader->Expect("BY"));
  }
  const bool hashed = reader->Accept("PASSWORD");
  SL_ASSIGN(const std::string password, reader->Text());
  if (!hashed) {
    user->password_hash = NativePasswordHash(password);
    return {};
  }
  if (password.size() != 41 || password[0] != '*') {
    return sql::AnalyzeError("Password hash should be a 41-digit hexadecimal number");
  }
  user->password_hash.clear();
  for (size_t i = 1; i + 1 < password.size(); i += 2) {
    user->password_hash += static_cast<char>(std::stoi(password.substr(i, 2), nullptr, 16));
  }
  return {};
}

Status ParseUserTail(Session* session, TokenReader* reader, Principal* user) {
  SL_TRY(ParseIdentified(reader, user));
  if (reader->Accept({"DEFAULT", "ROLE"})) {
    do {
      SL_ASSIGN(const std::string role, NameOrText(reader));
      if (!session->server().environment.users->FindRole(role)) {
        return sql::AnalyzeError("Valid role name fail: cannot find role " + role + "!");
      }
      user->roles.insert(role);
      user->default_roles.insert(role);
    } while (reader->Accept(","));
  }
  reader->Accept("SET");
  if (reader->Accept("PROPERTIES")) {
    SL_ASSIGN(const sql::Properties properties, reader->PropertyList());
    for (const auto& [key, value] : properties) user->properties[key] = value;
  }
  return reader->ExpectEnd();
}

Result<StatementResult> CreateUser(Session* session, TokenReader* reader) {
  SL_ASSIGN(const bool if_not_exists, reader->IfNotExists());
  SL_ASSIGN(const std::string name, UserName(reader));
  Principal user;
  user.name = name;
  SL_TRY(ParseUserTail(session, reader, &user));
  UserStore& users = *session->server().environment.users;
  if (users.HasUser(name) && !if_not_exists) {
    return UserError("CREATE USER", IdentityText(name), "user already exists");
  }
  SL_TRY(session->RequireSystem("GRANT"));
  if (users.HasUser(name)) return StatementResult::Ok();
  SL_TRY(users.PutUser(user));
  return StatementResult::Ok();
}

Result<StatementResult> AlterUser(Session* session, TokenReader* reader) {
  SL_ASSIGN(const bool if_exists, reader->IfExists());
  SL_ASSIGN(const std::string name, UserName(reader));
  UserStore& users = *session->server().environment.users;
  Principal user = users.FindUser(name).value_or(Principal{});
  SL_TRY(ParseUserTail(session, reader, &user));
  if (!users.HasUser(name) && !if_exists) {
    return UserError("ALTER USER", IdentityText(name), "user not exists");
  }
  if (name != session->user()) SL_TRY(session->RequireSystem("GRANT"));
  if (!users.HasUser(name)) return StatementResult::Ok();
  SL_TRY(users.PutUser(user));
  return StatementResult::Ok();
}

Result<StatementResult> DropUser(Session* session, TokenReader* reader) {
  SL_ASSIGN(const bool if_exists, reader->IfExists());
  SL_ASSIGN(const std::string name, UserName(reader));
  SL_TRY(reader->ExpectEnd());
  UserStore& users = *session->server().environment.users;
  if (!users.HasUser(name) && !if_exists) {
    return UserError("DROP USER", IdentityText(name), "user not exists");
  }
  if (name == "root") {
    return UserError("DROP USER", IdentityText(name), "cannot drop user " + IdentityText(name));
  }
  SL_TRY(session->RequireSystem("GRANT"));
  if (!users.HasUser(name)) return StatementResult::Ok();
  SL_TRY(users.DropUser(name));
  return StatementResult::Ok();
}

bool IsBuiltIn(const std::string& role) {
  static constexpr auto kBuiltIn = std::to_array<std::string_view>(
      {"root", "db_admin", "cluster_admin", "user_admin", "security_admin", "public"});
  return std::find(kBuiltIn.begin(), kBuiltIn.end(), role) != kBuiltIn.end();
}

Result<StatementResult> CreateRole(Session* session, TokenReader* reader) {
  SL_ASSIGN(const bool if_not_exists, reader->IfNotExists());
  std::vector<std::string> names;
  do {
    SL_ASSIGN(std::string name, NameOrText(reader));
    names.push_back(std::move(name));
  } while (reader->Accept(","));
  if (reader->Accept("COMMENT")) {
    SL_ASSIGN([[maybe_unused]] const std::string comment, reader->Text());
  }
  SL_TRY(reader->ExpectEnd());
  SL_TRY(session->RequireSystem("GRANT"));
  UserStore& users = *session->server().environment.users;
  for (const std::string& name : names) {
    if (users.FindRole(name)) {
      if (if_not_exists) continue;
      return UserError("CREATE ROLE", name, "role already exists");
    }
    Principal role;
    role.name = name;
    SL_TRY(users.PutRole(role));
  }
  return StatementResult::Ok();
}

Result<StatementResult> DropRole(Session* session, TokenReader* reader) {
  SL_ASSIGN(const bool if_exists, reader->IfExists());
  std::vector<std::string> names;
  do {
    SL_ASSIGN(std::string name, NameOrText(reader));
    names.push_back(std::move(name));
  } while (reader->Accept(","));
  SL_TRY(reader->ExpectEnd());
  SL_TRY(session->RequireSystem("GRANT"));
  UserStore& users = *session->server().environment.users;
  for (const std::string& name : names) {
    if (IsBuiltIn(name)) return UserError("DROP ROLE", name, "cannot drop reserved role");
    if (!users.FindRole(name)) {
      if (if_exists) continue;
      return UserError("DROP ROLE", name, "role not exists");
    }
    SL_TRY(users.DropRole(name));
    for (Principal user : users.Users()) {
      if (user.roles.erase(name) + user.default_roles.erase(name) > 0) SL_TRY(users.PutUser(user));
    }
  }
  return StatementResult::Ok();
}

Result<StatementResult> ShowUsers(Session* session, TokenReader* reader) {
  SL_TRY(reader->ExpectEnd());
  SL_TRY(session->RequireSystem("GRANT"));
  StatementResult result = ShowResult({"User"}, 300);
  for (const Principal& user : session->server().environment.users->Users()) {
    result.rows.push_back({IdentityText(user.name)});
  }
  return result;
}

Result<StatementResult> ShowRoles(Session* session, TokenReader* reader) {
  SL_TRY(reader->ExpectEnd());
  SL_TRY(session->RequireSystem("GRANT"));
  StatementResult result = ShowResult({"Name", "Builtin", "Comment"}, 300);
  for (const Principal& role : session->server().environment.users->Roles()) {
    result.rows.push_back({role.name, IsBuiltIn(role.name) ? "true" : "false",
                           IsBuiltIn(role.name) ? "built-in " + role.name + " role" : ""});
  }
  return result;
}

// SHOW [ALL] AUTHENTICATION [FOR user]
Result<StatementResult> ShowAuthentication(Session* session, TokenReader* reader, bool all) {
  std::string name = session->user();
  if (reader->Accept("FOR")) {
    SL_ASSIGN(name, UserName(reader));
  }
  SL_TRY(reader->ExpectEnd());
  if (all || name != session->user()) SL_TRY(session->RequireSystem("GRANT"));
  StatementResult result =
      ShowResult({"UserIdentity", "Password", "AuthPlugin", "UserForAuthPlugin"}, 300);
  for (const Principal& user : session->server().environment.users->Users()) {
    if (!all && user.name != name) continue;
    result.rows.push_back({IdentityText(user.name), user.password_hash.empty() ? "No" : "Yes",
                           std::string("MYSQL_NATIVE_PASSWORD"), std::nullopt});
  }
  return result;
}

// SHOW PROPERTY [FOR 'user'] [LIKE 'x']
Result<StatementResult> ShowProperty(Session* session, TokenReader* reader) {
  std::string name = session->user();
  if (reader->Accept("FOR")) {
    SL_ASSIGN(name, UserName(reader));
  }
  SL_ASSIGN(const ShowFilter filter, ParseShowFilter(reader));
  SL_TRY(reader->ExpectEnd());
  if (name != session->user()) SL_TRY(session->RequireSystem("GRANT"));
  const auto user = session->server().environment.users->FindUser(name);
  if (!user) return sql::AnalyzeError("cannot find user " + IdentityText(name) + "!");
  StatementResult result = ShowResult({"Key", "Value"}, 60);
  const auto connections = user->properties.find("max_user_connections");
  result.rows.push_back({"max_user_connections",
                         connections == user->properties.end() ? "1024" : connections->second});
  result.rows.push_back({"catalog", "default_catalog"});
  result.rows.push_back({"database", ""});
  ApplyShowFilter(filter, 0, &result);
  return result;
}

}  // namespace

std::string IdentityText(const std::string& user) { return "'" + user + "'@'%'"; }

Result<std::string> NameOrText(TokenReader* reader) {
  const Token& token = reader->Peek();
  if (token.kind == sql::TokenKind::kString) return reader->Take().value;
  return reader->Name();
}

Result<std::string> UserName(TokenReader* reader) {
  SL_ASSIGN(std::string name, NameOrText(reader));
  if (reader->Accept("@")) {
    SL_ASSIGN([[maybe_unused]] const std::string host, NameOrText(reader));
  }
  return name;
}

bool OwnsUserStatement(const TokenReader& reader) {
  const auto sees = [&](std::initializer_list<std::string_view> words) {
    return reader.Sees(words);
  };
  return sees({"CREATE", "USER"}) || sees({"ALTER", "USER"}) || sees({"DROP", "USER"}) ||
         sees({"CREATE", "ROLE"}) || sees({"ALTER", "ROLE"}) || sees({"DROP", "ROLE"}) ||
         sees({"GRANT"}) || sees({"REVOKE"}) || sees({"SHOW", "GRANTS"}) ||
         sees({"SHOW", "USERS"}) || sees({"SHOW", "ROLES"}) || sees({"SHOW", "AUTHENTICATION"}) ||
         sees({"SHOW", "ALL", "AUTHENTICATION"}) || sees({"SHOW", "PROPERTY"}) ||
         sees({"EXECUTE", "AS"});
}

Result<StatementResult> ExecuteUserStatement(Session* session, TokenReader* reader) {
  if (reader->Sees({"GRANT"})) return ExecuteGrant(session, reader);
  if (reader->Sees({"REVOKE"})) return ExecuteRevoke(session, reader);
  if (reader->Accept({"CREATE", "USER"})) return CreateUser(session, reader);
  if (reader->Accept({"ALTER", "USER"})) return AlterUser(session, reader);
  if (reader->Accept({"DROP", "USER"})) return DropUser(session, reader);
  if (reader->Accept({"CREATE", "ROLE"})) return CreateRole(session, reader);
  if (reader->Accept({"DROP", "ROLE"})) return DropRole(session, reader);
  if (reader->Accept({"SHOW", "GRANTS"})) return ShowGrants(session, reader);
  if (reader->Accept({"SHOW", "USERS"})) return ShowUsers(session, reader);
  if (reader->Accept({"SHOW", "ROLES"})) return ShowRoles(session, reader);
  if (reader->Accept({"SHOW", "AUTHENTICATION"})) return ShowAuthentication(session, reader, false);
  if (reader->Accept({"SHOW", "ALL", "AUTHENTICATION"}))
    return ShowAuthentication(session, reader, true);
  if (reader->Accept({"SHOW", "PROPERTY"})) return ShowProperty(session, reader);
  return sql::AnalyzeError("This statement about users is not supported by this endpoint");
}

}  // namespace starlift::sandbox::frontend
