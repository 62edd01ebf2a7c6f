#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "sandbox/frontend/server_state.h"
#include "sandbox/query/execute.h"
#include "sandbox/query/explicit_transaction.h"
#include "sandbox/query/system_tables.h"
#include "sandbox/query/typed.h"

namespace starlift::sandbox::frontend {

// One logged-in client: database, variables, open transaction, and what DDL and queries ask of it.
// Used by its connection's thread; Kill and the getters of SHOW PROCESSLIST may be called from
// others.
class Session final : public ddl::SessionContext, public query::SessionValues {
 public:
  Session(ServerState* server, uint32_t id, std::string host);
  ~Session() override;

  // Opens the session's DuckDB connection.
  Status Open();
  // After a login or COM_CHANGE_USER: everything back to defaults.
  void Reset(std::string user);

  uint32_t id() const { return id_; }
  const std::string& user() const { return user_; }
  const std::string& host() const { return host_; }
  ServerState& server() const { return server_; }
  Connection& connection() { return *connection_; }
  query::SystemTables* system_tables() { return &*system_tables_; }

  // USE: error 5501, or 5203 where nothing of the database may be seen. Takes catalog.database.
  Status UseDatabase(std::string_view name);
  void set_current_database(std::string name);

  // Variables.
  Status SetVariable(std::string_view scope, std::string_view name,
                     const SessionValues::Value& value);
  Status SetVariableToDefault(std::string_view name);
  void SetUserVariable(std::string_view name, SessionValues::Value value);
  std::string VariableText(std::string_view name) const;  // as stored
  std::string VariableText(std::string_view scope, std::string_view name) const;

  query::QueryEnvironment QueryEnvironmentFor(const query::Parameters* parameters);
  std::unique_ptr<query::ExplicitTransaction>& transaction() { return transaction_; }
  // Texts of PREPARE … FROM, by name.
  std::map<std::string, std::string, std::less<>>& named_statements() { return named_statements_; }

  bool HasSystemPrivilege(std::string_view privilege) const;
  Status RequireSystem(std::string_view privilege) const;
  std::string RoleNames() const;

  // ddl::SessionContext
  std::string current_catalog() const override { return "default_catalog"; }
  std::string current_database() const override;
  std::string user_identity() const override;
  Status RequirePrivilege(std::string_view privilege, ddl::ObjectKind kind,
                          std::string_view database, std::string_view name) const override;
  bool CanSeeDatabase(std::string_view database) const override;
  bool CanSeeTable(std::string_view database, std::string_view table,
                   ddl::ObjectKind kind) const override;

  // query::SessionValues
  Result<Value> Variable(std::string_view scope, std::string_view name) const override;
  Value UserVariable(std::string_view name) const override;
  std::string current_user() const override { return user_identity(); }
  std::string session_user() const override;
  int64_t connection_id() const override { return id_; }
  std::string time_zone() const override { return VariableText("time_zone"); }
  std::string version() const override { return kStarRocksVersion; }
  std::string last_query_id() const override { return last_query_id_; }
  std::string current_role() const override { return RoleNames(); }

  // Around a statement; for SHOW PROCESSLIST and KILL.
  void BeginStatement(std::string_view text);
  void EndStatement();
  void Kill(bool connection);
  bool killed() const { return killed_; }
  // Called by Kill to wake the thread that waits for the client.
  void set_shutdown(std::function<void()> shutdown) { shutdown_ = std::move(shutdown); }
  SessionRegistry::Entry Describe() const;

 private:
  ServerState& server_;
  const uint32_t id_;
  const std::string host_;
  std::string user_;
  mutable std::mutex mutex_;  // what other threads read
  std::string database_;
  std::string statement_;
  std::chrono::steady_clock::time_point statement_began_;
  int64_t connected_ms_ = 0;
  bool busy_ = false;
  std::atomic<bool> killed_{false};
  std::function<void()> shutdown_;
  std::string last_query_id_;
  std::map<std::string, std::string, std::less<>> variables_;
  std::map<std::string, Value, std::less<>> user_variables_;
  std::map<std::string, std::string, std::less<>> named_statements_;
  std::optional<Connection> connection_;
  std::optional<query::SystemCatalog> system_tables_;
  std::unique_ptr<query::ExplicitTransaction> transaction_;
};

}  // namespace starlift::sandbox::frontend
