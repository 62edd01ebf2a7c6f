#include "sources/sqlserver/check.h"

#include <utility>

#include <fmt/format.h>

#include "sources/sqlserver/connection.h"
#include "sources/structure_only.h"

namespace starlift::sqlserver {
namespace {

constexpr size_t kTablesNamedSingly = 5;
constexpr int64_t kAzureSqlDatabase = 5;  // SERVERPROPERTY('EngineEdition')

std::string TableName(const TableId& id) {
  return QuoteIdentifier(id.schema) + "." + QuoteIdentifier(id.name);
}

Finding ForTable(const Table& table, Severity severity, std::string code, std::string message,
                 std::string mend) {
  return {severity, std::move(code), table.id.ToString(), std::move(message), std::move(mend)};
}

std::string EnableTable(const TableId& id) {
  return fmt::format(
      "EXEC sys.sp_cdc_enable_table @source_schema = {}, @source_name = {}, @role_name = NULL, "
      "@supports_net_changes = 0;",
      QuoteLiteral(id.schema), QuoteLiteral(id.name));
}

class CaptureCheck {
 public:
  CaptureCheck(const AskServer& ask, const std::string& database, const DatabaseCatalog& catalog,
               bool incremental)
      : ask_(ask), database_(database), catalog_(catalog), severity_(LogSeverity(incremental)) {}

  Result<std::vector<Finding>> Run() {
    SL_ASSIGN(const std::vector<TextRows> answers,
              ask_("SELECT CAST(SERVERPROPERTY('EngineEdition') AS int), is_cdc_enabled, "
                   "snapshot_isolation_state FROM sys.databases WHERE name = DB_NAME()"));
    if (answers.empty() || answers.front().size() == 0) return std::move(findings_);
    const TextRows& state = answers.front();
    // Azure SQL Database has a scheduler of its own.
    if (state.Number(0, 0) != kAzureSqlDatabase) SL_TRY(CheckAgent());
    if (!state.Flag(0, 1)) {
      Add("cdc-off-in-database", "`" + database_ + "`",
          "change data capture is not enabled in the database",
          fmt::format("USE {}; EXEC sys.sp_cdc_enable_db; (as a member of sysadmin)",
                      QuoteIdentifier(database_)));
    }
    CheckTracking();
    if (!state.Flag(0, 2)) {
      findings_.push_back(
          {Severity::kInfo, "snapshot-isolation-off", "`" + database_ + "`",
           "without snapshot isolation a full read holds locks that writers wait for",
           fmt::format("ALTER DATABASE {} SET ALLOW_SNAPSHOT_ISOLATION ON;",
                       QuoteIdentifier(database_))});
    }
    return std::move(findings_);
  }

 private:
  void Add(std::string code, std::string subject, std::string message, std::string mend) {
    findings_.push_back(
        {severity_, std::move(code), std::move(subject), std::move(message), std::move(mend)});
  }

  Status CheckAgent() {
    const auto answers = ask_(
        "SELECT status_desc FROM sys.dm_server_services WHERE servicename LIKE N'SQL Server "
        "Agent%'");
    if (!answers.ok()) {
      if (answers.error().kind == ErrorKind::kUnreachable) return answers.error();
      findings_.push_back(
          {Severity::kWarning, "agent-state-unknown", "source",
           "whether SQL Server Agent runs, which change data capture needs, this login may not see",
           "GRANT VIEW SERVER STATE TO <this login>; or see for yourself: EXEC "
           "master.dbo.xp_servicecontrol N'QUERYSTATE', N'SQLSERVERAGENT'"});
      return {};
    }
    const bool runs = !answers->empty() && answers->front().size() > 0 &&
                      answers->front().Text(0, 0) == "Running";
    if (runs) return {};
    Add("agent-not-running", "source",
        "SQL Server Agent doesn't run: change data capture writes nothing",
        "start the service; on Linux: /opt/mssql/bin/mssql-conf set sqlagent.enabled true, then "
        "restart mssql-server");
    return {};
  }

  void CheckTracking() {
    std::vector<const TableId*> untracked;
    for (const auto& [id, state] : catalog_.states) {
      if (!state.tracked) untracked.push_back(&id);
    }
    if (untracked.size() > kTablesNamedSingly) {
      Add("cdc-off-for-tables", "`" + database_ + "`",
          fmt::format("change data capture is not enabled for {} tables, the first of them {}",
                      untracked.size(), untracked.front()->ToString()),
          EnableTable(*untracked.front()) + " and so for each");
      return;
    }
    for (const TableId* id : untracked) {
      Add("cdc-off-for-table", id->ToString(), "change data capture is not enabled for it",
          EnableTable(*id));
    }
  }

  const AskServer& ask_;
  const std::string& database_;
  const DatabaseCatalog& catalog_;
  const Severity severity_;
  std::vector<Finding> findings_;
};

}  // namespace

std::vector<Finding> CheckTables(const DatabaseCatalog& catalog, const std::string& user) {
  std::vector<Finding> findings;
  for (const Table& table : catalog.tables) {
    if (!catalog.states.at(table.id).readable) {
      findings.push_back(ForTable(
          table, Severity::kError, "select-not-granted", fmt::format("{} may not read it", user),
          fmt::format("GRANT SELECT ON {} TO {};", TableName(table.id), QuoteIdentifier(user))));
    }
    if (!table.has_key()) {
      findings.push_back(ForTable(
          table, Severity::kWarning, "table-without-key",
          "it has no primary key and no unique key over NOT NULL columns: it lands without a "
          "primary key",
          fmt::format("ALTER TABLE {} ADD PRIMARY KEY (…);", TableName(table.id))));
    }
    for (const Column& column : table.columns) {
      if (column.type.kind != TypeKind::kUnsupported) continue;
      findings.push_back(
          ForTable(table, Severity::kError, "column-type-not-supported",
                   fmt::format("the type {} of its column {} cannot be read", column.native_type,
                               QuoteIdentifier(column.name)),
                   fmt::format("leave the column {} out by a table rule", column.name)));
    }
  }
  return findings;
}

Result<std::vector<Finding>> CheckCapture(const AskServer& ask, const std::string& database,
                                          const DatabaseCatalog& catalog, bool incremental) {
  return CaptureCheck(ask, database, catalog, incremental).Run();
}

}  // namespace starlift::sqlserver
