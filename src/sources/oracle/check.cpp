#include "sources/oracle/check.h"

#include <set>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "sources/structure_only.h"

namespace starlift::oracle {
namespace {

constexpr size_t kTablesNamedSingly = 5;
constexpr int kFirstWithContainers = 12;

std::string QuoteIdentifier(std::string_view name) { return fmt::format("\"{}\"", name); }

std::string TableName(const Table& table) {
  return QuoteIdentifier(table.id.schema) + "." + QuoteIdentifier(table.id.name);
}

// What a user who reads the log by LogMiner is granted; `since` is the version that knows it.
struct Privilege {
  std::string_view name;
  int since = 0;
};
constexpr Privilege kSystemPrivileges[] = {
    {"CREATE SESSION"},         {"SET CONTAINER", kFirstWithContainers},
    {"FLASHBACK ANY TABLE"},    {"SELECT ANY TABLE"},
    {"SELECT ANY TRANSACTION"}, {"LOGMINING", kFirstWithContainers},
    {"CREATE TABLE"},           {"LOCK ANY TABLE"},
    {"ALTER ANY TABLE"},        {"CREATE SEQUENCE"},
};
constexpr std::string_view kRoles[] = {"SELECT_CATALOG_ROLE", "EXECUTE_CATALOG_ROLE"};
constexpr std::string_view kViews[] = {"V_$DATABASE",
                                       "V_$LOG",
                                       "V_$LOG_HISTORY",
                                       "V_$LOGMNR_LOGS",
                                       "V_$LOGMNR_CONTENTS",
                                       "V_$LOGMNR_PARAMETERS",
                                       "V_$LOGFILE",
                                       "V_$ARCHIVED_LOG",
                                       "V_$ARCHIVE_DEST_STATUS"};
constexpr std::string_view kPackages[] = {"DBMS_LOGMNR", "DBMS_LOGMNR_D"};

class LogCheck {
 public:
  LogCheck(const AskServer& ask, const ServerVersion& version, const std::string& user,
           const Catalog& catalog, bool incremental)
      : ask_(ask),
        version_(version),
        user_(user),
        grantee_(user),
        catalog_(catalog),
        severity_(LogSeverity(incremental)) {}

  Result<std::vector<Finding>> Run() {
    SL_ASSIGN(const std::optional<DatabaseState> state, ReadDatabaseState(ask_, version_));
    if (state) {
      CheckDatabase(*state);
      if (state->container && !IsCommon(user_)) AddNotCommon();
      if (!state->supplemental_all) SL_TRY(CheckSupplemental());
    } else {
      Add("log-state-not-visible", fmt::format("{} may not ask how the database logs", user_),
          Grant("SELECT ON V_$DATABASE"));
    }
    SL_TRY(CheckPrivileges());
    return std::move(findings_);
  }

 private:
  void Add(std::string code, std::string message, std::string mend) {
    findings_.push_back(
        {severity_, std::move(code), "source", std::move(message), std::move(mend)});
  }

  // Common users are those of the root of a container database, where the log is read.
  static bool IsCommon(std::string_view user) {
    return user.starts_with("c##") || user.starts_with("C##");
  }

  std::string Grant(std::string_view what) const {
    return fmt::format("GRANT {} TO {}{};", what, grantee_,
                       IsCommon(grantee_) ? " CONTAINER=ALL" : "");
  }

  void AddNotCommon() {
    grantee_ = "c##" + user_;
    Add("user-not-common",
        fmt::format("the database is a container database, whose log is read in its root, and {} "
                    "is no user there",
                    user_),
        fmt::format("in CDB$ROOT as SYSDBA: CREATE USER {} IDENTIFIED BY … CONTAINER=ALL; then log "
                    "in as {}",
                    grantee_, grantee_));
  }

  void CheckDatabase(const DatabaseState& state) {
    if (!state.archives) {
      Add("database-not-archiving",
          "the database runs in NOARCHIVELOG mode: its log is overwritten before it can be read",
          "as SYSDBA: ALTER SYSTEM SET db_recovery_file_dest_size = 10G; ALTER SYSTEM SET "
          "db_recovery_file_dest = '…' SCOPE = SPFILE; SHUTDOWN IMMEDIATE; STARTUP MOUNT; ALTER "
          "DATABASE ARCHIVELOG; ALTER DATABASE OPEN;");
    }
    if (!state.supplemental) {
      Add("supplemental-logging-off",
          "the log doesn't tell which row a change is of: supplemental logging is off",
          "ALTER DATABASE ADD SUPPLEMENTAL LOG DATA;");
    }
  }

  Status CheckSupplemental() {
    SL_ASSIGN(
        const std::vector<TextRows> answers,
        ask_("SELECT owner, table_name FROM all_log_groups WHERE log_group_type = 'ALL COLUMN "
             "LOGGING'"));
    std::set<std::pair<std::string, std::string>> logged;
    for (size_t row = 0; !answers.empty() && row < answers.front().size(); ++row) {
      logged.emplace(answers.front().Text(row, 0), answers.front().Text(row, 1));
    }
    std::vector<const Table*> missing;
    for (const Table& table : catalog_.tables) {
      if (!logged.contains({table.id.schema, table.id.name})) missing.push_back(&table);
    }
    const auto mend = [](const Table& table) {
      return fmt::format("ALTER TABLE {} ADD SUPPLEMENTAL LOG DATA (ALL) COLUMNS;",
                         TableName(table));
    };
    if (missing.size() > kTablesNamedSingly) {
      Add("columns-not-logged",
          fmt::format("{} tables log only the columns that change, the first of them {}",
                      missing.size(), missing.front()->id.ToString()),
          mend(*missing.front()) + " and so for each");
      return {};
    }
    for (const Table* table : missing) {
      findings_.push_back({severity_, "columns-not-logged", table->id.ToString(),
                           "its log tells only the columns that change", mend(*table)});
    }
    return {};
  }

  Result<std::set<std::string>> Names(const std::string& query) {
    SL_ASSIGN(const std::vector<TextRows> answers, ask_(query));
    std::set<std::string> names;
    for (size_t row = 0; !answers.empty() && row < answers.front().size(); ++row) {
      names.insert(answers.front().Text(row, 0));
    }
    return names;
  }

  Status CheckPrivileges() {
    SL_ASSIGN(const std::set<std::string> held, Names("SELECT privilege FROM session_privs"));
    SL_ASSIGN(const std::set<std::string> roles, Names("SELECT role FROM session_roles"));
    SL_ASSIGN(const std::set<std::string> objects,
              Names("SELECT table_name FROM user_tab_privs WHERE owner = 'SYS'"));
    std::vector<std::string> statements;
    const auto grant = [&](std::string_view what) { statements.push_back(Grant(what)); };
    for (const Privilege& privilege : kSystemPrivileges) {
      if (version_.major < privilege.since || held.contains(std::string(privilege.name))) continue;
      grant(privilege.name);
    }
    for (const std::string_view role : kRoles) {
      if (!roles.contains(std::string(role))) grant(role);
    }
    // The catalog roles and the right to any dictionary bring these along.
    const bool reads_dictionary =
        held.contains("SELECT ANY DICTIONARY") || roles.contains("SELECT_CATALOG_ROLE");
    for (const std::string_view view : kViews) {
      if (reads_dictionary || objects.contains(std::string(view))) continue;
      grant(fmt::format("SELECT ON {}", view));
    }
    const bool runs_packages = roles.contains("EXECUTE_CATALOG_ROLE");
    for (const std::string_view package : kPackages) {
      if (runs_packages || objects.contains(std::string(package))) continue;
      grant(fmt::format("EXECUTE ON {}", package));
    }
    if (statements.empty()) return {};
    Add("grants-missing",
        fmt::format("{} lacks {} of the rights that reading the log by LogMiner takes", user_,
                    statements.size()),
        fmt::format("{}", fmt::join(statements, "\n")));
    return {};
  }

  const AskServer& ask_;
  const ServerVersion& version_;
  const std::string& user_;
  std::string grantee_;  // who is to get what is missing
  const Catalog& catalog_;
  const Severity severity_;
  std::vector<Finding> findings_;
};

}  // namespace

std::vector<Finding> CheckTables(const Catalog& catalog) {
  std::vector<Finding> findings;
  for (const Table& table : catalog.tables) {
    if (!table.has_key()) {
      findings.push_back(
          {Severity::kWarning, "table-without-key", table.id.ToString(),
           "it has no primary key and no unique key over NOT NULL columns: it lands without a "
           "primary key",
           fmt::format("ALTER TABLE {} ADD PRIMARY KEY (…);", TableName(table))});
    }
    for (const Column& column : table.columns) {
      if (column.type.kind != TypeKind::kUnsupported) continue;
      findings.push_back({Severity::kError, "column-type-not-supported", table.id.ToString(),
                          fmt::format("the type {} of its column {} cannot be read",
                                      column.native_type, QuoteIdentifier(column.name)),
                          fmt::format("leave the column {} out by a table rule", column.name)});
    }
  }
  return findings;
}

Result<std::vector<Finding>> CheckLog(const AskServer& ask, const ServerVersion& version,
                                      const std::string& user, const Catalog& catalog,
                                      bool incremental) {
  return LogCheck(ask, version, user, catalog, incremental).Run();
}

}  // namespace starlift::oracle
