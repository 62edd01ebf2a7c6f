#pragma once

#include <string>

#include "sandbox/ddl/environment.h"
#include "sandbox/frontend/user_store.h"

namespace starlift::sandbox::http {

// An HTTP user as a session that statements can be analysed for. No current database.
class UserSession : public ddl::SessionContext {
 public:
  UserSession(const frontend::UserStore& users, std::string user)
      : users_(users), user_(std::move(user)) {}

  std::string current_catalog() const override { return "default_catalog"; }
  std::string current_database() const override { return ""; }
  std::string user_identity() const override { return "'" + user_ + "'@'%'"; }
  Status RequirePrivilege(std::string_view privilege, ddl::ObjectKind kind,
                          std::string_view database, std::string_view name) const override;
  bool CanSeeDatabase(std::string_view database) const override;
  bool CanSeeTable(std::string_view database, std::string_view table,
                   ddl::ObjectKind kind) const override;

 private:
  const frontend::UserStore& users_;
  const std::string user_;
};

}  // namespace starlift::sandbox::http
