#include "sandbox/frontend/user_store.h"

#include <algorithm>
#include <array>

#include <nlohmann/json.hpp>
#include <openssl/evp.h>

#include "sandbox/sql/error.h"

namespace starlift::sandbox::frontend {
namespace {

using nlohmann::json;

constexpr std::string_view kUserKind = "user";
constexpr std::string_view kRoleKind = "role";
constexpr size_t kSha1Bytes = 20;
constexpr int kMaxRoleDepth = 16;

std::string Sha1(std::string_view data) {
  std::string digest(kSha1Bytes, '\0');
  unsigned int size = 0;
  EVP_Digest(data.data(), data.size(), reinterpret_cast<unsigned char*>(digest.data()), &size,
             EVP_sha1(), nullptr);
  return digest;
}

std::string Hex(std::string_view bytes) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::string hex;
  for (const char c : bytes) {
    hex += kDigits[static_cast<unsigned char>(c) >> 4];
    hex += kDigits[static_cast<unsigned char>(c) & 15];
  }
  return hex;
}

std::string Unhex(std::string_view hex) {
  std::string bytes;
  for (size_t i = 0; i + 1 < hex.size(); i += 2) {
    const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'A' + 10; };
    bytes += static_cast<char>(digit(hex[i]) * 16 + digit(hex[i + 1]));
  }
  return bytes;
}

json ToJson(const Principal& principal) {
  json grants = json::array();
  for (const auto& [target, privileges] : principal.grants) {
    for (const auto& [privilege, grantable] : privileges) {
      grants.push_back({{"object", static_cast<int>(target.object)},
                        {"database", target.database},
                        {"name", target.name},
                        {"privilege", privilege},
                        {"grantable", grantable}});
    }
  }
  return {{"name", principal.name},
          {"host", principal.host},
          {"password", Hex(principal.password_hash)},
          {"grants", grants},
          {"roles", principal.roles},
          {"default_roles", principal.default_roles},
          {"properties", principal.properties}};
}

Principal FromJson(const json& body) {
  Principal principal;
  principal.name = body.value("name", "");
  principal.host = body.value("host", "%");
  principal.password_hash = Unhex(body.value("password", ""));
  principal.roles = body.value("roles", std::set<std::string>());
  principal.default_roles = body.value("default_roles", std::set<std::string>());
  principal.properties = body.value("properties", std::map<std::string, std::string>());
  for (const json& grant : body.value("grants", json::array())) {
    GrantTarget target;
    target.object = static_cast<GrantObject>(grant.value("object", 0));
    target.database = grant.value("database", "");
    target.name = grant.value("name", "");
    principal.grants[target][grant.value("privilege", "")] = grant.value("grantable", false);
  }
  return principal;
}

// What the built-in roles hold, beside root, which holds everything.
bool BuiltInHolds(std::string_view role, std::string_view privilege, GrantObject object) {
  if (role == "root") return true;
  const bool system = object == GrantObject::kSystem;
  if (role == "db_admin") return !system;
  if (role == "user_admin") return system && (privilege == "GRANT" || privilege == "ANY");
  if (role == "cluster_admin") return system && (privilege == "NODE" || privilege == "ANY");
  return false;
}

bool Covers(const GrantTarget& granted, GrantObject object, std::string_view database,
            std::string_view name) {
  if (granted.object != object) return false;
  if (!granted.database.empty() && granted.database != database) return false;
  return granted.name.empty() || granted.name == name;
}

std::string_view Account(std::string_view user) { return user.substr(0, user.find('@')); }

}  // namespace

std::string NativePasswordHash(std::string_view password) {
  return password.empty() ? std::string() : Sha1(Sha1(password));
}

Error AccessDenied(std::string_view privilege, std::string_view object, std::string_view roles) {
  return sql::SqlError(
      sql::code::kAccessDenied,
      "Access denied; you need (at least one of) the " + std::string(privilege) +
          " privilege(s) on " + std::string(object) +
          " for this operation. Please ask the admin to grant permission(s) or try activating "
          "existing roles using <set [default] role>. Current role(s): " +
          std::string(roles) + ". Inactivated role(s): NONE.");
}

Result<std::unique_ptr<UserStore>> UserStore::Open(Storage* storage) {
  std::unique_ptr<UserStore> store(new UserStore(storage));
  for (const std::string_view kind : {kUserKind, kRoleKind}) {
    SL_ASSIGN(const std::vector<Document> documents, storage->ReadDocuments(kind));
    for (const Document& document : documents) {
      const json body = json::parse(document.body, nullptr, false);
      if (body.is_discarded()) {
        return Error{ErrorKind::kData,
                     "the record of " + std::string(kind) + " " + document.key + " is not JSON"};
      }
      Principal principal = FromJson(body);
      (kind == kUserKind ? store->users_ : store->roles_)[principal.name] = std::move(principal);
    }
  }
  if (!store->users_.contains("root")) {
    Principal root;
    root.name = "root";
    root.roles = root.default_roles = {"root"};
    store->users_["root"] = root;
  }
  for (const char* name :
       {"root", "db_admin", "cluster_admin", "user_admin", "security_admin", "public"}) {
    if (store->roles_.contains(name)) continue;
    Principal role;
    role.name = name;
    store->roles_[name] = role;
  }
  return store;
}

bool UserStore::CheckPassword(std::string_view user, std::string_view password) const {
  std::shared_lock lock(mutex_);
  const auto found = users_.find(Account(user));
  return found != users_.end() && found->second.password_hash == NativePasswordHash(password);
}

bool UserStore::CheckScramble(std::string_view user, std::string_view scramble,
                              std::string_view response) const {
  std::shared_lock lock(mutex_);
  const auto found = users_.find(user);
  if (found == users_.end()) return false;
  const std::string& stored = found->second.password_hash;
  if (stored.empty() || response.empty()) return stored.empty() && response.empty();
  if (response.size() != kSha1Bytes) return false;
  std::string once = Sha1(std::string(scramble) + stored);
  for (size_t i = 0; i < kSha1Bytes; ++i) once[i] = static_cast<char>(once[i] ^ response[i]);
  return Sha1(once) == stored;
}

bool UserStore::HasUser(std::string_view user) const {
  std::shared_lock lock(mutex_);
  return users_.contains(user);
}

bool UserStore::HoldsLocked(const Principal& principal, std::string_view privilege,
                            GrantObject object, std::string_view database, std::string_view name,
                            int depth) const {
  for (const auto& [target, privileges] : principal.grants) {
    if (!Covers(target, object, database, name)) continue;
    if (privilege == "ANY" ? !privileges.empty() : privileges.contains(std::string(privilege)))
      return true;
  }
  if (depth >= kMaxRoleDepth) return false;
  return std::any_of(principal.roles.begin(), principal.roles.end(), [&](const std::string& role) {
    if (BuiltInHolds(role, privilege, object)) return true;
    const auto found = roles_.find(role);
    return found != roles_.end() &&
           HoldsLocked(found->second, privilege, object, database, name, depth + 1);
  });
}

bool UserStore::HasPrivilege(std::string_view user, std::string_view privilege, GrantObject object,
                             std::string_view database, std::string_view name) const {
  std::shared_lock lock(mutex_);
  const auto found = users_.find(Account(user));
  return found != users_.end() && HoldsLocked(found->second, privilege, object, database, name, 0);
}

Status UserStore::RequireTablePrivilege(std::string_view user, std::string_view privilege,
                                        std::string_view database, std::string_view table) const {
  if (HasPrivilege(user, privilege, GrantObject::kTable, database, table)) return {};
  return AccessDenied(privilege, "TABLE " + std::string(table));
}

bool UserStore::CanSeeDatabase(std::string_view user, std::string_view database) const {
  std::shared_lock lock(mutex_);
  const auto found = users_.find(Account(user));
  if (found == users_.end()) return false;
  const std::function<bool(const Principal&, int)> sees = [&](const Principal& principal,
                                                              int depth) {
    for (const auto& [target, privileges] : principal.grants) {
      const bool inside =
          target.object == GrantObject::kDatabase || target.object == GrantObject::kTable ||
          target.object == GrantObject::kView || target.object == GrantObject::kMaterializedView ||
          target.object == GrantObject::kFunction;
      if (inside && !privileges.empty() && (target.database.empty() || target.database == database))
        return true;
    }
    if (depth >= kMaxRoleDepth) return false;
    return std::any_of(principal.roles.begin(), principal.roles.end(),
                       [&](const std::string& role) {
                         if (BuiltInHolds(role, "ANY", GrantObject::kDatabase)) return true;
                         const auto held = roles_.find(role);
                         return held != roles_.end() && sees(held->second, depth + 1);
                       });
  };
  return sees(found->second, 0);
}

std::optional<Principal> UserStore::FindUser(std::string_view user) const {
  std::shared_lock lock(mutex_);
  const auto found = users_.find(user);
  if (found == users_.end()) return std::nullopt;
  return found->second;
}

std::optional<Principal> UserStore::FindRole(std::string_view role) const {
  std::shared_lock lock(mutex_);
  const auto found = roles_.find(role);
  if (found == roles_.end()) return std::nullopt;
  return found->second;
}

std::vector<Principal> UserStore::Users() const {
  std::shared_lock lock(mutex_);
  std::vector<Principal> all;
  for (const auto& [name, user] : users_) all.push_back(user);
  return all;
}

std::vector<Principal> UserStore::Roles() const {
  std::shared_lock lock(mutex_);
  std::vector<Principal> all;
  for (const auto& [name, role] : roles_) all.push_back(role);
  return all;
}

Status UserStore::PutUser(const Principal& user) {
  SL_TRY(storage_->RunWrite([&](WriteTransaction& write) {
    return write.PutDocument(kUserKind, user.name, ToJson(user).dump());
  }));
  std::unique_lock lock(mutex_);
  users_[user.name] = user;
  return {};
}

Status UserStore::DropUser(std::string_view user) {
  SL_TRY(storage_->RunWrite(
      [&](WriteTransaction& write) { return write.DeleteDocument(kUserKind, user); }));
  std::unique_lock lock(mutex_);
  users_.erase(std::string(user));
  return {};
}

Status UserStore::PutRole(const Principal& role) {
  SL_TRY(storage_->RunWrite([&](WriteTransaction& write) {
    return write.PutDocument(kRoleKind, role.name, ToJson(role).dump());
  }));
  std::unique_lock lock(mutex_);
  roles_[role.name] = role;
  return {};
}

Status UserStore::DropRole(std::string_view role) {
  SL_TRY(storage_->RunWrite(
      [&](WriteTransaction& write) { return write.DeleteDocument(kRoleKind, role); }));
  std::unique_lock lock(mutex_);
  roles_.erase(std::string(role));
  return {};
}

}  // namespace starlift::sandbox::frontend
