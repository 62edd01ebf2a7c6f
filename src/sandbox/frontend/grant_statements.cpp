#include "sandbox/frontend/grant_statements.h"

#include <algorithm>
#include <array>

#include "sandbox/frontend/statements.h"

namespace starlift::sandbox::frontend {
namespace {

using sql::StatementResult;
using sql::Token;
using sql::TokenReader;

struct ObjectWords {
  GrantObject object;
  std::string_view singular;
  std::string_view plural;
};
constexpr auto kObjects = std::to_array<ObjectWords>({
    {GrantObject::kTable, "TABLE", "TABLES"},
    {GrantObject::kDatabase, "DATABASE", "DATABASES"},
    {GrantObject::kView, "VIEW", "VIEWS"},
    {GrantObject::kMaterializedView, "MATERIALIZED VIEW", "MATERIALIZED VIEWS"},
    {GrantObject::kFunction, "FUNCTION", "FUNCTIONS"},
    {GrantObject::kUser, "USER", "USERS"},
    {GrantObject::kCatalog, "CATALOG", "CATALOGS"},
    {GrantObject::kSystem, "SYSTEM", "SYSTEM"},
});

// Privileges of an object, in the order in which SHOW GRANTS lists them.
std::vector<std::string> PrivilegesOf(GrantObject object) {
  switch (object) {
    case GrantObject::kTable:
      return {"DELETE", "DROP", "INSERT", "SELECT", "ALTER", "EXPORT", "UPDATE", "REFRESH"};
    case GrantObject::kView:
      return {"DROP", "SELECT", "ALTER"};
    case GrantObject::kMaterializedView:
      return {"DROP", "SELECT", "ALTER", "REFRESH"};
    case GrantObject::kDatabase:
      return {"DROP",        "ALTER",           "CREATE TABLE",
              "CREATE VIEW", "CREATE FUNCTION", "CREATE MATERIALIZED VIEW",
              "CREATE PIPE"};
    case GrantObject::kCatalog:
      return {"DROP", "ALTER", "USAGE", "CREATE DATABASE"};
    case GrantObject::kSystem:
      return {"GRANT",
              "NODE",
              "OPERATE",
              "PLUGIN",
              "FILE",
              "BLACKLIST",
              "REPOSITORY",
              "CREATE RESOURCE",
              "CREATE EXTERNAL CATALOG",
              "CREATE RESOURCE GROUP",
              "CREATE GLOBAL FUNCTION",
              "CREATE STORAGE VOLUME"};
    case GrantObject::kUser:
      return {"IMPERSONATE"};
    case GrantObject::kFunction:
      return {"DROP", "USAGE"};
  }
  return {};
}

struct Specification {
  bool of_roles = false;
  std::vector<std::string> names;  // privileges or roles
  GrantObject object = GrantObject::kTable;
  std::vector<GrantTarget> targets;
  bool to_role = false;
  std::string grantee;
  bool grantable = false;
};

// Words up to a comma, ON, TO or FROM are one privilege: CREATE TABLE.
std::vector<std::string> ParseNames(TokenReader* reader, bool* roles_only) {
  std::vector<std::string> names;
  do {
    std::string name;
    while (reader->Peek().IsWord() || reader->Peek().kind == sql::TokenKind::kQuotedIdentifier ||
           reader->Peek().kind == sql::TokenKind::kString) {
      const Token& token = reader->Peek();
      if (token.Is("ON") || token.Is("TO") || token.Is("FROM")) break;
      if (!name.empty()) name += ' ';
      const bool quoted =
          token.kind == sql::TokenKind::kString || token.kind == sql::TokenKind::kQuotedIdentifier;
      name += quoted ? token.value : std::string(token.text);
      if (token.kind == sql::TokenKind::kKeyword) *roles_only = false;
      reader->Take();
    }
    names.push_back(std::move(name));
  } while (reader->Accept(","));
  return names;
}

std::string Upper(std::string text) {
  for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return text;
}

// db.t, t, db.*, *.*
Result<GrantTarget> ParseObjectName(Session* session, TokenReader* reader, GrantObject object) {
  GrantTarget target;
  target.object = object;
  const bool single = object == GrantObject::kDatabase || object == GrantObject::kCatalog ||
                      object == GrantObject::kUser;
  std::vector<std::string> parts;
  do {
    if (reader->Accept("*")) {
      parts.emplace_back();
      continue;
    }
    SL_ASSIGN(std::string part, NameOrText(reader));
    parts.push_back(std::move(part));
  } while (reader->Accept("."));
  if (object == GrantObject::kUser) {
    if (reader->Accept("@")) {
      SL_ASSIGN([[maybe_unused]] const std::string host, NameOrText(reader));
    }
    target.name = parts.back();
    return target;
  }
  if (single) {
    target.database = object == GrantObject::kCatalog ? "" : parts.back();
    return target;
  }
  target.name = parts.back();
  target.database = parts.size() > 1 ? parts[parts.size() - 2] : session->current_database();
  if (parts.size() > 1 && parts[parts.size() - 2].empty()) target.database.clear();
  return target;
}

Result<GrantObject> ParseObjectWord(TokenReader* reader, bool* all, bool* named) {
  *all = reader->Accept("ALL");
  for (const ObjectWords& words : kObjects) {
    const std::string_view wanted = *all ? words.plural : words.singular;
    const size_t blank = wanted.find(' ');
    const bool seen = blank == std::string_view::npos
                          ? reader->Accept(wanted)
                          : reader->Accept({wanted.substr(0, blank), wanted.substr(blank + 1)});
    if (!seen) continue;
    *named = true;
    return words.object;
  }
  *named = false;
  return GrantObject::kTable;
}

Status ParseObjects(Session* session, TokenReader* reader, Specification* specification) {
  bool all = false;
  bool named = false;
  SL_ASSIGN(specification->object, ParseObjectWord(reader, &all, &named));
  if (specification->object == GrantObject::kSystem) {
    specification->targets.push_back({GrantObject::kSystem, "", ""});
    return {};
  }
  if (all) {
    GrantTarget target{specification->object, "", ""};
    if (reader->Accept("IN")) {
      if (!reader->Accept({"ALL", "DATABASES"})) {
        SL_TRY(reader->Expect("DATABASE"));
        SL_ASSIGN(target.database, reader->Name());
      }
    }
    specification->targets.push_back(target);
    return {};
  }
  do {
    SL_ASSIGN(GrantTarget target, ParseObjectName(session, reader, specification->object));
    specification->targets.push_back(std::move(target));
  } while (reader->Accept(","));
  return {};
}

Result<Specification> Parse(Session* session, TokenReader* reader, std::string_view preposition) {
  const Token begin = reader->Take();
  Specification specification;
  if (!reader->Peek().IsWord() && reader->Peek().kind != sql::TokenKind::kQuotedIdentifier &&
      reader->Peek().kind != sql::TokenKind::kString) {
    return reader->NoViable(begin);
  }
  bool roles_only = true;
  specification.names = ParseNames(reader, &roles_only);
  if (reader->Accept("ON")) {
    SL_TRY(ParseObjects(session, reader, &specification));
  } else if (roles_only && reader->Sees({preposition})) {
    specification.of_roles = true;
  } else {
    return reader->NoViable(begin);
  }
  SL_TRY(reader->Expect(preposition));
  if (reader->Accept("ROLE")) {
    specification.to_role = true;
    SL_ASSIGN(specification.grantee, NameOrText(reader));
  } else {
    reader->Accept("USER");
    SL_ASSIGN(specification.grantee, UserName(reader));
  }
  specification.grantable = reader->Accept({"WITH", "GRANT", "OPTION"});
  SL_TRY(reader->ExpectEnd());
  return specification;
}

// The single privileges, checked against the object.
Result<std::vector<std::string>> Expand(const Specification& specification) {
  const std::vector<std::string> known = PrivilegesOf(specification.object);
  std::vector<std::string> privileges;
  for (const std::string& name : specification.names) {
    const std::string privilege = Upper(name);
    if (privilege == "ALL" || privilege == "ALL PRIVILEGES") return known;
    if (std::find(known.begin(), known.end(), privilege) == known.end()) {
      return sql::AnalyzeError("cannot find privilege type " + privilege);
    }
    privileges.push_back(privilege);
  }
  return privileges;
}

Status CheckTargets(Session* session, const Specification& specification) {
  const catalog::Catalog& catalog = *session->server().environment.ddl->catalog;
  for (const GrantTarget& target : specification.targets) {
    if (target.database.empty()) continue;
    if (!catalog.FindDatabase(target.database)) {
      return sql::AnalyzeError("cannot find db: " + target.database);
    }
    if (!target.name.empty() && target.object != GrantObject::kFunction &&
        !catalog.FindTable(target.database, target.name)) {
      return sql::AnalyzeError("cannot find table " + target.name + " in db " + target.database);
    }
  }
  return {};
}

Result<StatementResult> Change(Session* session, const Specification& specification, bool grant) {
  UserStore& users = *session->server().environment.users;
  auto principal = specification.to_role ? users.FindRole(specification.grantee)
                                         : users.FindUser(specification.grantee);
  if (!principal) {
    return sql::AnalyzeError(specification.to_role
                                 ? "Can not grant/revoke to role: cannot find role " +
                                       specification.grantee + "!"
                                 : "cannot find user " + IdentityText(specification.grantee) + "!");
  }
  if (specification.of_roles) {
    for (const std::string& role : specification.names) {
      if (!users.FindRole(role))
        return sql::AnalyzeError("Can not grant/revoke role: cannot find role " + role + "!");
      if (grant) {
        principal->roles.insert(role);
      } else {
        principal->roles.erase(role);
        principal->default_roles.erase(role);
      }
    }
  } else {
    SL_ASSIGN(const std::vector<std::string> privileges, Expand(specification));
    SL_TRY(CheckTargets(session, specification));
    for (const GrantTarget& target : specification.targets) {
      for (const std::string& privilege : privileges) {
        if (grant) {
          principal->grants[target][privilege] = specification.grantable;
        } else {
          principal->grants[target].erase(privilege);
        }
      }
      if (principal->grants[target].empty()) principal->grants.erase(target);
    }
  }
  SL_TRY(session->RequireSystem("GRANT"));
  SL_TRY(specification.to_role ? users.PutRole(*principal) : users.PutUser(*principal));
  return StatementResult::Ok();
}

std::string ObjectText(const GrantTarget& target) {
  const ObjectWords& words =
      *std::find_if(kObjects.begin(), kObjects.end(),
                    [&](const ObjectWords& item) { return item.object == target.object; });
  const std::string singular(words.singular);
  const std::string plural(words.plural);
  switch (target.object) {
    case GrantObject::kSystem:
      return "SYSTEM";
    case GrantObject::kCatalog:
      return "CATALOG default_catalog";
    case GrantObject::kUser:
      return target.name.empty() ? "ALL USERS" : "USER " + IdentityText(target.name);
    case GrantObject::kDatabase:
      return target.database.empty() ? "ALL DATABASES" : "DATABASE " + target.database;
    default:
      break;
  }
  if (!target.name.empty()) return singular + " " + target.database + "." + target.name;
  return "ALL " + plural + " IN " +
         (target.database.empty() ? "ALL DATABASES" : "DATABASE " + target.database);
}

}  // namespace

Result<StatementResult> ExecuteGrant(Session* session, TokenReader* reader) {
  SL_ASSIGN(const Specification specification, Parse(session, reader, "TO"));
  return Change(session, specification, true);
}

Result<StatementResult> ExecuteRevoke(Session* session, TokenReader* reader) {
  SL_ASSIGN(const Specification specification, Parse(session, reader, "FROM"));
  return Change(session, specification, false);
}

Result<StatementResult> ShowGrants(Session* session, TokenReader* reader) {
  std::string name = session->user();
  bool role = false;
  if (reader->Accept("FOR")) {
    role = reader->Accept("ROLE");
    if (!role) reader->Accept("USER");
    SL_ASSIGN(name, UserName(reader));
  }
  SL_TRY(reader->ExpectEnd());
  if (role || name != session->user()) SL_TRY(session->RequireSystem("GRANT"));
  const UserStore& users = *session->server().environment.users;
  const auto principal = role ? users.FindRole(name) : users.FindUser(name);
  if (!principal) {
    return sql::AnalyzeError(role ? "cannot find role " + name
                                  : "cannot find user " + IdentityText(name) + "!");
  }
  const std::string shown = role ? name : IdentityText(name);
  StatementResult result =
      ShowResult({role ? "RoleName" : "UserIdentity", "Catalog", "Grants"}, 1200);
  result.columns[0].length = 300;
  std::string held;
  for (const std::string& granted : principal->roles)
    held += (held.empty() ? "'" : ", '") + granted + "'";
  if (!held.empty()) {
    result.rows.push_back(
        {shown, std::nullopt, "GRANT " + held + " TO " + (role ? " ROLE " + name : shown)});
  }
  for (const auto& [target, privileges] : principal->grants) {
    std::string list;
    bool grantable = false;
    for (const std::string& privilege : PrivilegesOf(target.object)) {
      const auto granted = privileges.find(privilege);
      if (granted == privileges.end()) continue;
      list += (list.empty() ? "" : ", ") + privilege;
      grantable |= granted->second;
    }
    const bool system =
        target.object == GrantObject::kSystem || target.object == GrantObject::kUser;
    result.rows.push_back(
        {shown, system ? std::nullopt : std::optional<std::string>("default_catalog"),
         "GRANT " + list + " ON " + ObjectText(target) + " TO " +
             (role ? "ROLE " + name : "USER " + shown) + (grantable ? " WITH GRANT OPTION" : "")});
  }
  return result;
}

}  // namespace starlift::sandbox::frontend
