#include "sources/mysql/check_log.h"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "sources/mysql/cascading_keys.h"
#include "sources/mysql/check.h"

namespace starlift::mysql {
namespace {

using wire::mysql::QueryRows;

constexpr uint32_t kMysqlPersists = 80000;         // SET PERSIST
constexpr uint32_t kMysqlLogStatus = 80200;        // SHOW BINARY LOG STATUS
constexpr uint32_t kMysqlReplicaStatus = 80022;    // SHOW REPLICA STATUS
constexpr uint32_t kMariadbBinlogStatus = 100502;  // SHOW BINLOG STATUS, BINLOG MONITOR
constexpr double kShortestRetentionHours = 72;
constexpr int kPrivilegeMissing = 1227;

using Variables = std::map<std::string, std::string>;

Result<Variables> ReadVariables(SourceSession& session) {
  SL_ASSIGN(
      const QueryRows result,
      session.client.Query(
          "SHOW GLOBAL VARIABLES WHERE Variable_name IN ('log_bin', 'server_id', 'binlog_format', "
          "'binlog_row_image', 'binlog_row_value_options', 'binlog_row_metadata', "
          "'expire_logs_days', 'binlog_expire_logs_seconds', 'gtid_mode', 'log_slave_updates', "
          "'log_replica_updates', 'binlog_checksum', 'basedir', 'wsrep_on', 'wsrep_gtid_mode', "
          "'innodb_native_foreign_keys')"));
  Variables variables;
  for (const QueryRows::Row& row : result.rows)
    variables[row[0].value_or("")] = row[1].value_or("");
  return variables;
}

class LogCheck {
 public:
  LogCheck(SourceSession& session, const Catalog& catalog, Variables variables,
           std::vector<Finding>& findings)
      : session_(session),
        catalog_(catalog),
        variables_(std::move(variables)),
        findings_(findings) {}

  Status Run() {
    if (Value("log_bin") != "ON" && Value("log_bin") != "1") {
      Add(Severity::kError, "binlog-off", "the server writes no binary log",
          "in the server's file: [mysqld] log_bin=mysql-bin, server_id=1, binlog_format=ROW; then "
          "restart it");
      return {};
    }
    CheckFormat();
    CheckRetention();
    CheckGtid();
    CheckCluster();
    SL_TRY(CheckStatus());
    SL_TRY(CheckReplica());
    SL_TRY(CheckCascades());
    SL_TRY(CheckVersioned());
    SL_TRY(CheckUndecided());
    return CheckGrants();
  }

 private:
  // Empty where the server has no such variable.
  std::string Value(const std::string& name) const {
    const auto found = variables_.find(name);
    return found == variables_.end() ? std::string() : found->second;
  }
  bool Has(const std::string& name) const { return variables_.contains(name); }

  void Add(Severity severity, std::string code, std::string message, std::string mend) {
    findings_.push_back({severity, std::move(code), "source", std::move(message), std::move(mend)});
  }

  std::string SetGlobal(std::string_view name, std::string_view value) const {
    const bool persists = !session_.version.is_mariadb && session_.version.number >= kMysqlPersists;
    if (persists) return fmt::format("SET PERSIST {} = {};", name, value);
    return fmt::format("SET GLOBAL {0} = {1}; and {0} = {1} in the server's file", name, value);
  }

  void CheckFormat() {
    if (Value("server_id") == "0") {
      Add(Severity::kError, "server-id-zero", "server_id is 0: the server gives its log to nobody",
          SetGlobal("server_id", "1"));
    }
    if (Has("binlog_format") && Value("binlog_format") != "ROW") {
      Add(Severity::kError, "binlog-format-not-row",
          fmt::format("binlog_format is {}: changes come as statements, not as rows",
                      Value("binlog_format")),
          SetGlobal("binlog_format", "'ROW'") +
              "; sessions that are open keep the old one until they reconnect");
    }
    if (Has("binlog_row_image") && Value("binlog_row_image") != "FULL") {
      Add(Severity::kError, "binlog-row-image-not-full",
          fmt::format(
              "binlog_row_image is {}: changes come without the columns that did not change",
              Value("binlog_row_image")),
          SetGlobal("binlog_row_image", "'FULL'"));
    }
    if (!Value("binlog_row_value_options").empty()) {
      Add(Severity::kInfo, "binlog-partial-json",
          fmt::format("binlog_row_value_options is {}: JSON changes come as differences, which can "
                      "be read only while binlog_row_image is FULL",
                      Value("binlog_row_value_options")),
          SetGlobal("binlog_row_value_options", "''"));
    }
    if (Value("binlog_checksum") == "NONE") {
      Add(Severity::kInfo, "binlog-checksum-none",
          "binlog_checksum is NONE: bytes of the log that are damaged on their way are not noticed",
          SetGlobal("binlog_checksum", "'CRC32'"));
    }
    if (Has("binlog_row_metadata") && Value("binlog_row_metadata") != "FULL") {
      Add(Severity::kInfo, "binlog-row-metadata-not-full",
          fmt::format("binlog_row_metadata is {}: names and charsets of columns are taken from the "
                      "catalog instead",
                      Value("binlog_row_metadata")),
          SetGlobal("binlog_row_metadata", "'FULL'"));
    }
  }

  void CheckRetention() {
    // Zero means for ever. The newer variable rules where both are there.
    double hours = std::strtod(Value("binlog_expire_logs_seconds").c_str(), nullptr) / 3600;
    std::string mend = SetGlobal("binlog_expire_logs_seconds", "604800");
    if (hours == 0) {
      hours = std::strtod(Value("expire_logs_days").c_str(), nullptr) * 24;
      mend = SetGlobal("expire_logs_days", "7");
    }
    // Amazon RDS and Aurora purge by a setting of their own, which is off at first.
    if (Value("basedir").starts_with("/rdsdbbin")) {
      Add(Severity::kWarning, "binlog-retention-rds",
          "on Amazon RDS and Aurora the log is purged as soon as possible unless told otherwise",
          "CALL mysql.rds_set_configuration('binlog retention hours', 168); (CALL "
          "mysql.rds_show_configuration; shows it)");
      return;
    }
    if (hours == 0) return;
    if (hours >= kShortestRetentionHours) return;
    Add(Severity::kWarning, "binlog-expires-soon",
        fmt::format("the log is kept for {:.0f} hours: a full load or a pause that lasts longer "
                    "loses changes",
                    hours),
        std::move(mend));
  }

  void CheckGtid() {
    if (!Has("gtid_mode") || Value("gtid_mode") == "ON") return;
    Add(Severity::kInfo, "gtid-off",
        fmt::format("gtid_mode is {}: the stream is followed by file and offset, and cannot move "
                    "to another server",
                    Value("gtid_mode")),
        "set enforce_gtid_consistency=ON, then gtid_mode step by step: OFF_PERMISSIVE, "
        "ON_PERMISSIVE, ON");
  }

  Status CheckStatus() {
    const ServerVersion& version = session_.version;
    std::string_view statement = "SHOW MASTER STATUS";
    if (version.is_mariadb && version.number >= kMariadbBinlogStatus)
      statement = "SHOW BINLOG STATUS";
    if (!version.is_mariadb && version.number >= kMysqlLogStatus)
      statement = "SHOW BINARY LOG STATUS";
    const Result<QueryRows> status = session_.client.Query(statement);
    if (!status.ok()) {
      if (status.error().native_code != kPrivilegeMissing) return status.error();
      SL_ASSIGN(const std::string user, CurrentUser(session_));
      const bool monitor = version.is_mariadb && version.number >= kMariadbBinlogStatus;
      Add(Severity::kError, "log-status-not-granted",
          fmt::format("{} may not ask for the log's position", user),
          fmt::format("GRANT {} ON *.* TO {};", monitor ? "BINLOG MONITOR" : "REPLICATION CLIENT",
                      user));
      return {};
    }
    CheckFilter(*status, "Binlog_Do_DB", true);
    CheckFilter(*status, "Binlog_Ignore_DB", false);
    return {};
  }

  // `lets_through`: the databases listed are the ones that are logged.
  void CheckFilter(const QueryRows& status, std::string_view filter, bool lets_through) {
    const auto field = status.FindField(filter);
    if (!field || status.rows.empty()) return;
    const std::string list = status.rows[0][*field].value_or("");
    if (list.empty()) return;
    const std::string padded = "," + list + ",";
    std::set<std::string> hidden;
    for (const Table& table : catalog_.tables) {
      const bool listed = padded.find("," + table.id.database + ",") != std::string::npos;
      if (listed != lets_through) hidden.insert(table.id.database);
    }
    for (const std::string& database : hidden) {
      Add(Severity::kError, "binlog-filtered",
          fmt::format("{} is set to {}: changes of {} are not in the log", filter, list,
                      wire::mysql::QuoteIdentifier(database)),
          "remove the filter from the server's file and restart it");
    }
  }

  void CheckCluster() {
    if (Value("wsrep_on") != "ON" || Value("wsrep_gtid_mode") == "ON") return;
    Add(Severity::kWarning, "galera-gtids-differ",
        "wsrep_gtid_mode is OFF: the nodes of this cluster count their logs differently, so that "
        "the stream can't move to another node",
        "wsrep_gtid_mode=ON, one wsrep_gtid_domain_id and log_slave_updates=ON on all nodes; then "
        "restart them");
  }

  // Whether a replica logs what it replicates.
  Status CheckReplica() {
    const std::string name =
        Has("log_replica_updates") ? "log_replica_updates" : "log_slave_updates";
    if (Value(name) != "OFF") return {};
    const bool new_words = !session_.version.is_mariadb && session_.version >= kMysqlReplicaStatus;
    const Result<QueryRows> status =
        session_.client.Query(new_words                     ? "SHOW REPLICA STATUS"
                              : session_.version.is_mariadb ? "SHOW ALL SLAVES STATUS"
                                                            : "SHOW SLAVE STATUS");
    if (!status.ok() && !session_.client.is_open()) return status.error();
    if (status.ok() && status->rows.empty()) return {};
    Add(status.ok() ? Severity::kError : Severity::kInfo, "replica-updates-not-logged",
        status.ok() ? fmt::format("this server is a replica and {} is OFF: what it replicates is "
                                  "not in its log",
                                  name)
                    : fmt::format("{} is OFF: if this server is a replica, what it replicates is "
                                  "not in its log",
                                  name),
        fmt::format("{}=ON in the server's file; then restart it, or connect to its source", name));
    return {};
  }

  // What InnoDB does to child rows by a foreign key's rule is never logged. It follows from what is
  // logged of the parent, where we follow that too.
  Status CheckCascades() {
    // MySQL from 9.6 applies the rules above the engine, where they are logged.
    if (Value("innodb_native_foreign_keys") == "OFF") return {};
    SL_ASSIGN(const CascadingKeys all, ReadCascadingKeys(session_));
    for (const CascadingKey& key : all.keys) {
      if (!IsWanted(key.child)) continue;
      const std::string why = WhyCascadeIsHidden(key, catalog_);
      if (!why.empty()) {
        AddCascade(key, why);
        continue;
      }
      findings_.push_back(
          {Severity::kInfo, "foreign-key-followed", key.child.ToString(),
           fmt::format("its foreign key {} changes rows by itself, which the log does not have: "
                       "they are looked up at the target whenever rows of {} are deleted or get "
                       "another key, which takes a query and a flush of all tables each half "
                       "second that has such changes",
                       wire::mysql::QuoteIdentifier(key.name), key.parent.ToString()),
           ""});
    }
    for (const CascadingKey& key : all.unknown_rules) {
      if (IsWanted(key.child)) AddCascade(key, "which rule it has can't be seen, or isn't known");
    }
    return {};
  }

  void AddCascade(const CascadingKey& key, std::string_view why) {
    findings_.push_back(
        {Severity::kError, "foreign-key-cascades", key.child.ToString(),
         fmt::format("its foreign key {} changes rows by itself, the log does not have these "
                     "changes, and they can't be found otherwise: {}",
                     wire::mysql::QuoteIdentifier(key.name), why),
         fmt::format("ALTER TABLE {} DROP FOREIGN KEY {}; and add it again with ON DELETE RESTRICT "
                     "ON UPDATE RESTRICT, the application changing the rows; or leave the table "
                     "out of the incremental phase",
                     key.child.ToString(), wire::mysql::QuoteIdentifier(key.name))});
  }

  bool IsWanted(const TableId& id) const {
    return std::any_of(catalog_.tables.begin(), catalog_.tables.end(),
                       [&](const Table& table) { return table.id == id; });
  }

  // The log has the history's rows among the others, under the keys of the rows that are current.
  Status CheckVersioned() {
    if (!session_.version.is_mariadb) return {};
    SL_ASSIGN(
        const QueryRows tables,
        session_.client.Query("SELECT TABLE_SCHEMA, TABLE_NAME FROM information_schema.TABLES "
                              "WHERE TABLE_TYPE = 'SYSTEM VERSIONED'"));
    for (const QueryRows::Row& row : tables.rows) {
      const TableId id{.database = row[0].value_or(""), .name = row[1].value_or("")};
      if (!IsWanted(id)) continue;
      findings_.push_back(
          {Severity::kError, "table-system-versioned", id.ToString(),
           "changes of a table that keeps its history (SYSTEM VERSIONING) can't be followed yet",
           fmt::format("leave it out of the incremental phase, or ALTER TABLE {} DROP SYSTEM "
                       "VERSIONING; which drops its history",
                       id.ToString())});
    }
    return {};
  }

  // Prepared before the stream begins, committed after the full load has read: lost but for the
  // stream's stop at their commit.
  Status CheckUndecided() {
    const Result<QueryRows> prepared = session_.client.Query("XA RECOVER");
    if (!prepared.ok()) return session_.client.is_open() ? Status() : prepared.error();
    if (prepared->rows.empty()) return {};
    Add(Severity::kWarning, "xa-undecided",
        fmt::format("{} XA transactions are prepared and neither committed nor rolled back: if one "
                    "is committed after the stream began, the stream stops there",
                    prepared->rows.size()),
        "XA RECOVER; lists them: XA COMMIT or XA ROLLBACK each before the task starts");
    return {};
  }

  Status CheckGrants() {
    // Privileges by roles count once the roles are active; older servers have none.
    (void)session_.client.Execute("SET ROLE ALL");
    if (!session_.client.is_open()) {
      return Error{.kind = ErrorKind::kUnreachable,
                   .message = "the connection was lost during the check"};
    }
    SL_ASSIGN(const QueryRows grants, session_.client.Query("SHOW GRANTS"));
    for (const QueryRows::Row& row : grants.rows) {
      const std::string grant = row[0].value_or("");
      if (grant.find(" ON *.* ") == std::string::npos) continue;
      if (grant.find("REPLICATION SLAVE") != std::string::npos ||
          grant.find("ALL PRIVILEGES") != std::string::npos) {
        return {};
      }
    }
    SL_ASSIGN(const std::string user, CurrentUser(session_));
    Add(Severity::kError, "replication-not-granted", fmt::format("{} may not read the log", user),
        fmt::format("GRANT REPLICATION SLAVE ON *.* TO {};", user));
    return {};
  }

  SourceSession& session_;
  const Catalog& catalog_;
  const Variables variables_;
  std::vector<Finding>& findings_;
};

}  // namespace

Status CheckLog(SourceSession& session, const Catalog& catalog, std::vector<Finding>& findings) {
  SL_ASSIGN(Variables variables, ReadVariables(session));
  return LogCheck(session, catalog, std::move(variables), findings).Run();
}

}  // namespace starlift::mysql
