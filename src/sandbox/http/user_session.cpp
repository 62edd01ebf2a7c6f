#include "sandbox/http/user_session.h"

namespace starlift::sandbox::http {
namespace {

frontend::GrantObject GrantObjectOf(ddl::ObjectKind kind) {
  switch (kind) {
    case ddl::ObjectKind::kSystem:
      return frontend::GrantObject::kSystem;
    case ddl::ObjectKind::kCatalog:
      return frontend::GrantObject::kCatalog;
    case ddl::ObjectKind::kDatabase:
      return frontend::GrantObject::kDatabase;
    case ddl::ObjectKind::kTable:
      return frontend::GrantObject::kTable;
    case ddl::ObjectKind::kView:
      return frontend::GrantObject::kView;
    case ddl::ObjectKind::kMaterializedView:
      return frontend::GrantObject::kMaterializedView;
  }
  return frontend::GrantObject::kTable;
}

}  // namespace

Status UserSession::RequirePrivilege(std::string_view privilege, ddl::ObjectKind kind,
                                     std::string_view database, std::string_view name) const {
  if (users_.HasPrivilege(user_, privilege, GrantObjectOf(kind), database, name)) return {};
  return frontend::AccessDenied(privilege, "TABLE " + std::string(name));
}

bool UserSession::CanSeeDatabase(std::string_view database) const {
  return users_.CanSeeDatabase(user_, database);
}

bool UserSession::CanSeeTable(std::string_view database, std::string_view table,
                              ddl::ObjectKind kind) const {
  return users_.HasPrivilege(user_, "ANY", GrantObjectOf(kind), database, table);
}

}  // namespace starlift::sandbox::http
