#include "sandbox/frontend/session.h"

#include <algorithm>
#include <cctype>
#include <filesystem>

#include "sandbox/frontend/statements.h"
#include "sandbox/load/auto_increment.h"
#include "sandbox/query/types.h"
#include "sandbox/sql/error.h"
#include "sandbox/storage/physical_table.h"

namespace starlift::sandbox::frontend {
namespace {

using catalog::DataType;
using catalog::TypeKind;

int64_t NowMs() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return lower;
}

bool IsSystemDatabase(std::string_view name) {
  const std::string lower = Lower(name);
  return lower == "information_schema" || lower == "sys" || lower == "_statistics_";
}

// "+08:00" and the like.
bool IsOffset(std::string_view zone) {
  if (zone.size() < 5 || (zone[0] != '+' && zone[0] != '-')) return false;
  const size_t colon = zone.find(':');
  if (colon == std::string_view::npos || colon > 3 || zone.size() - colon != 3) return false;
  return std::all_of(zone.begin() + 1, zone.end(),
                     [](char c) { return c == ':' || (c >= '0' && c <= '9'); });
}

GrantObject ObjectOf(ddl::ObjectKind kind) {
  switch (kind) {
    case ddl::ObjectKind::kSystem:
      return GrantObject::kSystem;
    case ddl::ObjectKind::kCatalog:
      return GrantObject::kCatalog;
    case ddl::ObjectKind::kDatabase:
      return GrantObject::kDatabase;
    case ddl::ObjectKind::kTable:
      return GrantObject::kTable;
    case ddl::ObjectKind::kView:
      return GrantObject::kView;
    case ddl::ObjectKind::kMaterializedView:
      return GrantObject::kMaterializedView;
  }
  return GrantObject::kTable;
}

std::string ObjectText(ddl::ObjectKind kind, std::string_view database, std::string_view name) {
  switch (kind) {
    case ddl::ObjectKind::kSystem:
      return "SYSTEM";
    case ddl::ObjectKind::kCatalog:
      return "CATALOG " + std::string(database.empty() ? "default_catalog" : database);
    case ddl::ObjectKind::kDatabase:
      return "DATABASE " + std::string(database);
    case ddl::ObjectKind::kTable:
      return "TABLE " + std::string(name);
    case ddl::ObjectKind::kView:
      return "VIEW " + std::string(name);
    case ddl::ObjectKind::kMaterializedView:
      return "MATERIALIZED VIEW " + std::string(name);
  }
  return std::string(name);
}

}  // namespace

void SessionRegistry::Add(Session* session) {
  std::lock_guard lock(mutex_);
  sessions_[session->id()] = session;
}

void SessionRegistry::Remove(Session* session) {
  std::lock_guard lock(mutex_);
  sessions_.erase(session->id());
}

bool SessionRegistry::Kill(uint32_t id, bool connection) {
  std::lock_guard lock(mutex_);
  const auto found = sessions_.find(id);
  if (found == sessions_.end()) return false;
  found->second->Kill(connection);
  return true;
}

std::vector<SessionRegistry::Entry> SessionRegistry::List() const {
  std::lock_guard lock(mutex_);
  std::vector<Entry> entries;
  for (const auto& [id, session] : sessions_) entries.push_back(session->Describe());
  return entries;
}

std::string SessionRegistry::UserOf(uint32_t id) const {
  std::lock_guard lock(mutex_);
  const auto found = sessions_.find(id);
  return found == sessions_.end() ? std::string() : found->second->Describe().user;
}

Session::Session(ServerState* server, uint32_t id, std::string host)
    : server_(*server), id_(id), host_(std::move(host)), connected_ms_(NowMs()) {}

Session::~Session() = default;

Status Session::Open() {
  SL_ASSIGN(Connection connection, server_.environment.storage->Connect());
  std::lock_guard lock(mutex_);
  connection_.emplace(std::move(connection));
  return {};
}

void Session::Reset(std::string user) {
  transaction_.reset();
  variables_.clear();
  user_variables_.clear();
  named_statements_.clear();
  std::lock_guard lock(mutex_);
  user_ = std::move(user);
  database_.clear();
  query::SystemCatalog::Facts facts;
  facts.ledger = server_.environment.ledger;
  facts.backends = server_.environment.endpoints.backends;
  system_tables_.emplace(server_.environment.ddl->catalog, this, &*connection_, facts);
}

std::string Session::current_database() const {
  std::lock_guard lock(mutex_);
  return database_;
}

void Session::set_current_database(std::string name) {
  std::lock_guard lock(mutex_);
  database_ = std::move(name);
}

std::string Session::user_identity() const { return "'" + user_ + "'@'%'"; }
std::string Session::session_user() const { return "'" + user_ + "'@'" + host_ + "'"; }

Status Session::UseDatabase(std::string_view name) {
  const size_t dot = name.find('.');
  if (dot != std::string_view::npos) {
    SL_TRY(RequireInternalCatalog(*this, std::string(name.substr(0, dot))));
    name.remove_prefix(dot + 1);
  }
  if (IsSystemDatabase(name)) {
    set_current_database(Lower(name));
    return {};
  }
  if (!server_.environment.ddl->catalog->FindDatabase(name)) {
    return sql::SqlError(sql::code::kUnknownDatabase,
                         "Unknown database '" + std::string(name) + "'");
  }
  if (!CanSeeDatabase(name))
    return AccessDenied("ANY", "DATABASE " + std::string(name), RoleNames());
  set_current_database(std::string(name));
  return {};
}

std::string Session::VariableText(std::string_view scope, std::string_view name) const {
  const VariableDef* variable = FindVariable(name);
  if (variable == nullptr) return "";
  if (scope != "GLOBAL") {
    const auto own = variables_.find(variable->name);
    if (own != variables_.end()) return own->second;
  }
  return server_.globals.Get(variable->name).value_or(variable->value);
}

std::string Session::VariableText(std::string_view name) const { return VariableText("", name); }

Status Session::SetVariable(std::string_view scope, std::string_view name, const Value& value) {
  const VariableDef* variable = FindVariable(name);
  if (variable == nullptr)
    return sql::SqlError(sql::code::kUnknownVariable, UnknownVariableText(name));
  if (scope == "GLOBAL") SL_TRY(RequireSystem("OPERATE"));
  SL_ASSIGN(std::string text, CheckVariableValue(*variable, value));
  if (std::string_view(variable->name) == "time_zone" && !IsOffset(text)) {
    auto known = connection_->QueryInteger(
        "SELECT count(*) FROM pg_timezone_names() WHERE lower(name) = lower(" + QuoteLiteral(text) +
        ")");
    if (!known.ok() || known->value_or(0) == 0) {
      return sql::AnalyzeError(sql::code::kUnknownTimeZone,
                               "Unknown or incorrect time zone: '" + text + "'");
    }
  }
  if (scope == "GLOBAL") server_.globals.Set(variable->name, text);
  variables_[variable->name] = std::move(text);
  return {};
}

Status Session::SetVariableToDefault(std::string_view name) {
  const VariableDef* variable = FindVariable(name);
  if (variable == nullptr)
    return sql::SqlError(sql::code::kUnknownVariable, UnknownVariableText(name));
  variables_.erase(variable->name);
  return {};
}

void Session::SetUserVariable(std::string_view name, Value value) {
  user_variables_[Lower(name)] = std::move(value);
}

Result<query::SessionValues::Value> Session::Variable(std::string_view scope,
                                                      std::string_view name) const {
  const VariableDef* variable = FindVariable(name);
  if (variable == nullptr)
    return sql::AnalyzeError(sql::code::kUnknownVariable, UnknownVariableText(name));
  return Value{TypeOfVariable(variable->type), ShownInSelect(*variable, VariableText(scope, name))};
}

query::SessionValues::Value Session::UserVariable(std::string_view name) const {
  const auto found = user_variables_.find(Lower(name));
  if (found != user_variables_.end()) return found->second;
  return {DataType::Varchar(catalog::kMaxVarcharLength), std::nullopt};
}

query::QueryEnvironment Session::QueryEnvironmentFor(const query::Parameters* parameters) {
  query::QueryEnvironment environment;
  environment.catalog = server_.environment.ddl->catalog;
  environment.storage = server_.environment.storage;
  environment.ledger = server_.environment.ledger;
  environment.session = this;
  environment.values = this;
  environment.system_tables = &*system_tables_;
  environment.connection = &*connection_;
  environment.parameters = parameters;
  environment.strict_insert = VariableText("enable_insert_strict") == "true";
  environment.reserve_auto_increment = &load::ReserveAutoIncrement;
  const std::string limit = VariableText("sql_select_limit");
  if (limit != "9223372036854775807" && !limit.empty())
    environment.select_limit = std::stoll(limit);
  return environment;
}

std::string Session::RoleNames() const {
  const auto principal = server_.environment.users->FindUser(user_);
  if (!principal || principal->default_roles.empty()) return "NONE";
  std::string names = "[";
  for (const std::string& role : principal->default_roles)
    names += (names.size() > 1 ? ", " : "") + role;
  return names + "]";
}

bool Session::HasSystemPrivilege(std::string_view privilege) const {
  return server_.environment.users->HasPrivilege(user_, privilege, GrantObject::kSystem);
}

Status Session::RequireSystem(std::string_view privilege) const {
  if (HasSystemPrivilege(privilege)) return {};
  return AccessDenied(privilege, "SYSTEM", RoleNames());
}

Status Session::RequirePrivilege(std::string_view privilege, ddl::ObjectKind kind,
                                 std::string_view database, std::string_view name) const {
  const UserStore& users = *server_.environment.users;
  const GrantObject object = ObjectOf(kind);
  bool allowed = users.HasPrivilege(user_, privilege, object, database, name);
  if (!allowed && kind == ddl::ObjectKind::kDatabase && privilege == "ANY") {
    allowed = users.CanSeeDatabase(user_, database);
  }
  // Nobody changes the databases that are always there.
  if (IsSystemDatabase(database) && privilege != "ANY" && privilege != "SELECT") allowed = false;
  if (allowed) return {};
  return AccessDenied(privilege, ObjectText(kind, database, name), RoleNames());
}

bool Session::CanSeeDatabase(std::string_view database) const {
  return IsSystemDatabase(database) || server_.environment.users->CanSeeDatabase(user_, database);
}

bool Session::CanSeeTable(std::string_view database, std::string_view table,
                          ddl::ObjectKind kind) const {
  return server_.environment.users->HasPrivilege(user_, "ANY", ObjectOf(kind), database, table);
}

void Session::BeginStatement(std::string_view text) {
  std::lock_guard lock(mutex_);
  statement_ = text;
  statement_began_ = std::chrono::steady_clock::now();
  busy_ = true;
}

void Session::EndStatement() {
  std::lock_guard lock(mutex_);
  busy_ = false;
  statement_began_ = std::chrono::steady_clock::now();
}

void Session::Kill(bool connection) {
  if (connection) killed_ = true;
  std::lock_guard lock(mutex_);
  if (connection_) connection_->Interrupt();
  if (connection && shutdown_) shutdown_();
}

SessionRegistry::Entry Session::Describe() const {
  std::lock_guard lock(mutex_);
  SessionRegistry::Entry entry;
  entry.id = id_;
  entry.user = user_;
  entry.host = host_;
  entry.database = database_;
  entry.command = busy_ ? "Query" : "Sleep";
  entry.statement = busy_ ? statement_ : "";
  entry.connected_ms = connected_ms_;
  entry.seconds = std::chrono::duration_cast<std::chrono::seconds>(
                      std::chrono::steady_clock::now() - statement_began_)
                      .count();
  return entry;
}

}  // namespace starlift::sandbox::frontend
