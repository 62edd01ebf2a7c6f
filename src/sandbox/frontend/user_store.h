#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sandbox/storage/storage.h"

namespace starlift::sandbox::frontend {

// What a grant is on. Empty names mean "all": kTable with an empty name is ALL TABLES IN the
// database, with an empty database too ALL TABLES IN ALL DATABASES.
enum class GrantObject : uint8_t {
  kSystem,
  kCatalog,
  kDatabase,
  kTable,
  kView,
  kMaterializedView,
  kUser,
  kFunction
};

struct GrantTarget {
  GrantObject object = GrantObject::kTable;
  std::string database;
  std::string name;
  auto operator<=>(const GrantTarget&) const = default;
};

struct Grant {
  std::string privilege;   // "SELECT", "CREATE TABLE", …; ALL stands as the single ones it means
  bool grantable = false;  // WITH GRANT OPTION
};

// A user or a role: both hold privileges and roles.
struct Principal {
  std::string name;
  std::string host = "%";  // users only
  // SHA1(SHA1(password)); empty: no password.
  std::string password_hash;
  std::map<GrantTarget, std::map<std::string, bool>> grants;  // privilege -> grantable
  std::set<std::string> roles;
  std::set<std::string> default_roles;
  std::map<std::string, std::string> properties;
};

// Users, passwords, roles and grants, durable in Storage. Any thread may call anything. root has no
// password at first and holds the roles root (everything) for ever.
class UserStore {
 public:
  static Result<std::unique_ptr<UserStore>> Open(Storage* storage);

  // HTTP Basic: is there such a user and is this its password? `user@x` counts as `user`.
  bool CheckPassword(std::string_view user, std::string_view password) const;
  // mysql_native_password: `response` is SHA1(password) XOR SHA1(scramble + SHA1(SHA1(password))),
  // empty for an empty password.
  bool CheckScramble(std::string_view user, std::string_view scramble,
                     std::string_view response) const;
  bool HasUser(std::string_view user) const;

  // Does the user (through its own grants or its default roles) hold the privilege on the object?
  // "ANY" asks for any privilege on it. kSystem and kCatalog ignore both names.
  bool HasPrivilege(std::string_view user, std::string_view privilege, GrantObject object,
                    std::string_view database = {}, std::string_view name = {}) const;
  // HasPrivilege on a table, as an error 5203 with the frontend's words if not.
  Status RequireTablePrivilege(std::string_view user, std::string_view privilege,
                               std::string_view database, std::string_view table) const;
  // Any privilege on the database or on something in it.
  bool CanSeeDatabase(std::string_view user, std::string_view database) const;

  // Definitions. Copies: what is returned does not change.
  std::optional<Principal> FindUser(std::string_view user) const;
  std::optional<Principal> FindRole(std::string_view role) const;
  std::vector<Principal> Users() const;  // by name
  std::vector<Principal> Roles() const;  // by name, the built-in ones too

  // Durable when they return. PutUser and PutRole create or replace.
  Status PutUser(const Principal& user);
  Status DropUser(std::string_view user);
  Status PutRole(const Principal& role);
  Status DropRole(std::string_view role);

 private:
  explicit UserStore(Storage* storage) : storage_(storage) {}
  bool HoldsLocked(const Principal& principal, std::string_view privilege, GrantObject object,
                   std::string_view database, std::string_view name, int depth) const;

  Storage* storage_;  // not owned
  mutable std::shared_mutex mutex_;
  std::map<std::string, Principal, std::less<>> users_;
  std::map<std::string, Principal, std::less<>> roles_;
};

// SHA1(SHA1(password)), raw 20 bytes; empty for an empty password.
std::string NativePasswordHash(std::string_view password);

// 5203 in the frontend's words; `object` is e.g. "TABLE t" or "SYSTEM".
Error AccessDenied(std::string_view privilege, std::string_view object,
                   std::string_view roles = "NONE");

}  // namespace starlift::sandbox::frontend
