#include "sandbox/frontend/user_store.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <openssl/crypto.h>
#include <openssl/sha.h>

#include "sandbox/sql/error.h"

namespace starlift::sandbox::frontend {

using nlohmann::json;

namespace {

constexpr std::string_view kUserDocuments = "user";
constexpr std::string_view kRoleDocuments = "role";
constexpr std::string_view kRoot = "root";
constexpr std::string_view kPublicRole = "public";
constexpr std::string_view kAnyPrivilege = "ANY";
// Roles may hold roles; a chain longer than the frontend's own limit ends here.
constexpr int kMaxRoleDepth = 16;

// Roles that exist from the start. What they may do is fixed, so it is not stored.
constexpr std::array<std::string_view, 6> kBuiltInRoles = {
    "root", "cluster_admin", "db_admin", "user_admin", "public", "security_admin"};

bool IsBuiltIn(std::string_view role) {
  return std::find(kBuiltInRoles.begin(), kBuiltInRoles.end(), role) != kBuiltInRoles.end();
}

bool BuiltInHolds(std::string_view role, std::string_view privilege, GrantObject object) {
  if (role == "root") return true;
  if (role == "cluster_admin") {
    return object == GrantObject::kSystem && (privilege == "NODE" || privilege == kAnyPrivilege);
  }
  if (role == "user_admin") {
    return object == GrantObject::kUser || (object == GrantObject::kSystem && privilege == "GRANT");
  }
  if (role == "db_admin") {
    return object != GrantObject::kUser && !(object == GrantObject::kSystem && privilege == "NODE");
  }
  return false;
}

std::string Sha1(std::string_view bytes) {
  std::string digest(SHA_DIGEST_LENGTH, '\0');
  SHA1(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
       reinterpret_cast<unsigned char*>(digest.data()));
  return digest;
}

// "user@cluster" and "user@host" name the user alone.
std::string_view BareUser(std::string_view user) { return user.substr(0, user.find('@')); }

std::string ToHex(std::string_view bytes) {
  std::string hex;
  for (const unsigned char byte : bytes) hex += fmt::format("{:02x}", byte);
  return hex;
}

std::string FromHex(std::string_view hex) {
  std::string bytes;
  for (size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  }
  return bytes;
}

std::string ToJson(const Principal& principal) {
  json grants = json::array();
  for (const auto& [target, privileges] : principal.grants) {
    grants.push_back({{"object", static_cast<int>(target.object)},
                      {"database", target.database},
                      {"name", target.name},
                      {"privileges", privileges}});
  }
  return json{{"name", principal.name},
              {"host", principal.host},
              {"password_hash", ToHex(principal.password_hash)},
              {"grants", grants},
              {"roles", principal.roles},
              {"default_roles", principal.default_roles},
              {"properties", principal.properties}}
      .dump();
}

Result<Principal> FromJson(const Document& document) {
  const json read = json::parse(document.body, nullptr, false);
  if (read.is_discarded()) {
    return Error{.kind = ErrorKind::kData,
                 .message = fmt::format("the stored user or role {} is damaged", document.key)};
  }
  Principal principal;
  principal.name = read.value("name", document.key);
  principal.host = read.value("host", "%");
  principal.password_hash = FromHex(read.value("password_hash", ""));
  for (const json& grant : read.value("grants", json::array())) {
    const GrantTarget target{.object = static_cast<GrantObject>(grant.value("object", 0)),
                             .database = grant.value("database", ""),
                             .name = grant.value("name", "")};
    principal.grants[target] = grant.value("privileges", std::map<std::string, bool>{});
  }
  principal.roles = read.value("roles", std::set<std::string>{});
  principal.default_roles = read.value("default_roles", std::set<std::string>{});
  principal.properties = read.value("properties", std::map<std::string, std::string>{});
  return principal;
}

// Does a grant on `target` cover the object that is asked for? An empty name there means all.
bool Covers(const GrantTarget& target, GrantObject object, std::string_view database,
            std::string_view name) {
  if (target.object != object) return false;
  if (object == GrantObject::kSystem || object == GrantObject::kCatalog) return true;
  const bool database_fits = target.database.empty() || target.database == database;
  return database_fits && (target.name.empty() || target.name == name);
}

bool Holds(const std::map<std::string, bool>& privileges, std::string_view privilege) {
  if (privilege == kAnyPrivilege) return !privileges.empty();
  return privileges.contains(std::string(privilege));
}

}  // namespace

Result<std::unique_ptr<UserStore>> UserStore::Open(Storage* storage) {
  std::unique_ptr<UserStore> store(new UserStore(storage));
  SL_ASSIGN(const std::vector<Document> users, storage->ReadDocuments(kUserDocuments));
  for (const Document& document : users) {
    SL_ASSIGN(Principal user, FromJson(document));
    store->users_[document.key] = std::move(user);
  }
  SL_ASSIGN(const std::vector<Document> roles, storage->ReadDocuments(kRoleDocuments));
  for (const Document& document : roles) {
    SL_ASSIGN(Principal role, FromJson(document));
    store->roles_[document.key] = std::move(role);
  }
  for (const std::string_view role : kBuiltInRoles) {
    store->roles_.try_emplace(std::string(role), Principal{.name = std::string(role)});
  }
  if (!store->users_.contains(kRoot)) {
    store->users_[std::string(kRoot)] =
        Principal{.name = std::string(kRoot), .roles = {"root"}, .default_roles = {"root"}};
  }
  return store;
}

bool UserStore::CheckPassword(std::string_view user, std::string_view password) const {
  std::shared_lock lock(mutex_);
  const auto found = users_.find(BareUser(user));
  if (found == users_.end()) return false;
  const std::string offered = NativePasswordHash(password);
  const std::string& wanted = found->second.password_hash;
  return offered.size() == wanted.size() &&
         CRYPTO_memcmp(offered.data(), wanted.data(), wanted.size()) == 0;
}

bool UserStore::CheckScramble(std::string_view user, std::string_view scramble,
                              std::string_view response) const {
  std::shared_lock lock(mutex_);
  const auto found = users_.find(BareUser(user));
  if (found == users_.end()) return false;
  const std::string& wanted = found->second.password_hash;
  if (wanted.empty() || response.empty()) return wanted.empty() && response.empty();
  if (response.size() != SHA_DIGEST_LENGTH) return false;
  // SHA1(password), taken out of the response, must hash to what is stored.
  std::string once = Sha1(std::string(scramble) + wanted);
  for (size_t i = 0; i < once.size(); ++i) once[i] ^= response[i];
  const std::string twice = Sha1(once);
  return CRYPTO_memcmp(twice.data(), wanted.data(), wanted.size()) == 0;
}

bool UserStore::HasUser(std::string_view user) const {
  std::shared_lock lock(mutex_);
  return users_.contains(BareUser(user));
}

bool UserStore::HoldsLocked(const Principal& principal, std::string_view privilege,
                            GrantObject object, std::string_view database, std::string_view name,
                            int depth) const {
  for (const auto& [target, privileges] : principal.grants) {
    if (Covers(target, object, database, name) && Holds(privileges, privilege)) return true;
  }
  if (depth >= kMaxRoleDepth) return false;
  for (const std::string& role : depth == 0 ? principal.default_roles : principal.roles) {
    if (IsBuiltIn(role) && BuiltInHolds(role, privilege, object)) return true;
    const auto found = roles_.find(role);
    if (found != roles_.end() &&
        HoldsLocked(found->second, privilege, object, database, name, depth + 1)) {
      return true;
    }
  }
  return false;
}

bool UserStore::HasPrivilege(std::string_view user, std::string_view privilege, GrantObject object,
                             std::string_view database, std::string_view name) const {
  std::shared_lock lock(mutex_);
  const auto found = users_.find(BareUser(user));
  if (found == users_.end()) return false;
  if (HoldsLocked(found->second, privilege, object, database, name, 0)) return true;
  // Every user holds the role public.
  const auto everyone = roles_.find(kPublicRole);
  return everyone != roles_.end() &&
         HoldsLocked(everyone->second, privilege, object, database, name, 1);
}

Status UserStore::RequireTablePrivilege(std::string_view user, std::string_view privilege,
                                        std::string_view database, std::string_view table) const {
  if (HasPrivilege(user, privilege, GrantObject::kTable, database, table)) return {};
  return AccessDenied(privilege, fmt::format("TABLE {}", table));
}

bool UserStore::CanSeeDatabase(std::string_view user, std::string_view database) const {
  if (HasPrivilege(user, kAnyPrivilege, GrantObject::kDatabase, database)) return true;
  const auto sees_inside = [database](const Principal& principal) {
    return std::any_of(principal.grants.begin(), principal.grants.end(), [&](const auto& grant) {
      const GrantTarget& target = grant.first;
      const bool inside = target.object == GrantObject::kTable ||
                          target.object == GrantObject::kView ||
                          target.object == GrantObject::kMaterializedView;
      return inside && !grant.second.empty() &&
             (target.database.empty() || target.database == database);
    });
  };
  std::shared_lock lock(mutex_);
  const auto found = users_.find(BareUser(user));
  if (found == users_.end()) return false;
  if (sees_inside(found->second)) return true;
  const std::set<std::string>& roles = found->second.default_roles;
  return std::any_of(roles.begin(), roles.end(), [&](const std::string& role) {
    const auto definition = roles_.find(role);
    return definition != roles_.end() && sees_inside(definition->second);
  });
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
  std::vector<Principal> users;
  for (const auto& [name, user] : users_) users.push_back(user);
  return users;
}

std::vector<Principal> UserStore::Roles() const {
  std::shared_lock lock(mutex_);
  std::vector<Principal> roles;
  for (const auto& [name, role] : roles_) roles.push_back(role);
  return roles;
}

Status UserStore::PutUser(const Principal& user) {
  SL_TRY(storage_->RunWrite([&](WriteTransaction& transaction) {
    return transaction.PutDocument(kUserDocuments, user.name, ToJson(user));
  }));
  std::unique_lock lock(mutex_);
  users_[user.name] = user;
  return {};
}

Status UserStore::DropUser(std::string_view user) {
  SL_TRY(storage_->RunWrite([&](WriteTransaction& transaction) {
    return transaction.DeleteDocument(kUserDocuments, user);
  }));
  std::unique_lock lock(mutex_);
  if (const auto found = users_.find(user); found != users_.end()) users_.erase(found);
  return {};
}

Status UserStore::PutRole(const Principal& role) {
  SL_TRY(storage_->RunWrite([&](WriteTransaction& transaction) {
    return transaction.PutDocument(kRoleDocuments, role.name, ToJson(role));
  }));
  std::unique_lock lock(mutex_);
  roles_[role.name] = role;
  return {};
}

Status UserStore::DropRole(std::string_view role) {
  SL_TRY(storage_->RunWrite([&](WriteTransaction& transaction) {
    return transaction.DeleteDocument(kRoleDocuments, role);
  }));
  std::unique_lock lock(mutex_);
  if (const auto found = roles_.find(role); found != roles_.end()) roles_.erase(found);
  return {};
}

std::string NativePasswordHash(std::string_view password) {
  return password.empty() ? std::string() : Sha1(Sha1(password));
}

Error AccessDenied(std::string_view privilege, std::string_view object, std::string_view roles) {
  Error denied = sql::SqlError(
      sql::code::kAccessDenied,
      fmt::format("Access denied; you need (at least one of) the {} privilege(s) on {} for this "
                  "operation. Please ask the admin to grant permission(s) or try activating "
                  "existing roles using <set [default] role>. Current role(s): {}. Inactivated "
                  "role(s): NONE.",
                  privilege, object, roles));
  denied.kind = ErrorKind::kRefused;
  return denied;
}

}  // namespace starlift::sandbox::frontend
