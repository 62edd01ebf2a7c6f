#include "starrocks/grants.h"

#include <algorithm>

#include "starrocks/ddl_lexer.h"

namespace starlift::starrocks {
namespace {

// GRANT a, b ON …: the words before ON. A role's name stands in quotes or is followed by TO.
bool ReadPrivileges(const std::vector<DdlToken>& tokens, size_t& at,
                    std::vector<std::string>& privileges) {
  std::string words;
  for (; at < tokens.size(); ++at) {
    const DdlToken& token = tokens[at];
    if (token.kind == DdlTokenKind::kEnd || token.Is("TO")) return false;
    if (token.Is("ON") || token.Is(",")) {
      if (!words.empty()) privileges.push_back(words);
      words.clear();
      if (token.Is("ON")) return true;
      continue;
    }
    if (!words.empty()) words += ' ';
    for (const char c : token.text) words += static_cast<char>(std::toupper(c));
  }
  return false;
}

// "TABLE db.t", "ALL TABLES IN DATABASE db", "ALL TABLES IN ALL DATABASES".
bool ReadTables(const std::vector<DdlToken>& tokens, size_t at, Grants::TableGrant& grant) {
  const auto next = [&](size_t ahead) -> const DdlToken& {
    return tokens[std::min(at + ahead, tokens.size() - 1)];
  };
  if (next(0).Is("TABLE")) {
    grant.database = next(1).text;
    grant.table = next(2).Is(".") ? next(3).text : "*";
    return true;
  }
  if (!next(0).Is("ALL") || !next(1).Is("TABLES") || !next(2).Is("IN")) return false;
  grant.table = "*";
  grant.database = next(3).Is("ALL") ? "*" : next(4).text;
  return true;
}

}  // namespace

bool Grants::AllowsTables(std::string_view privilege, std::string_view database) const {
  return std::any_of(tables.begin(), tables.end(), [&](const TableGrant& grant) {
    if (grant.database != "*" && grant.database != database) return false;
    return std::any_of(grant.privileges.begin(), grant.privileges.end(),
                       [&](const std::string& one) {
                         return one == privilege || one == "ALL" || one == "ALL PRIVILEGES";
                       });
  });
}

Grants ParseGrants(std::span<const std::string> lines) {
  Grants grants;
  for (const std::string& line : lines) {
    const auto tokens = LexDdl(line);
    if (!tokens.ok() || !tokens->front().Is("GRANT")) continue;
    size_t at = 1;
    Grants::TableGrant grant;
    if (!ReadPrivileges(*tokens, at, grant.privileges)) {
      grants.has_roles = true;
      continue;
    }
    if (ReadTables(*tokens, at + 1, grant)) grants.tables.push_back(std::move(grant));
  }
  return grants;
}

}  // namespace starlift::starrocks
