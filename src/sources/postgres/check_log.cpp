#include <algorithm>
#include <map>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "sources/postgres/check.h"
#include "sources/structure_only.h"

namespace starlift::postgres {
namespace {

constexpr int kStandbyDecodes = 160000;
constexpr int kFirstWithPublications = 100000;
constexpr int64_t kSpare = 4;  // slots and senders to have beyond those in use
// Debezium's publication.name, which Flink CDC leaves as it is.
constexpr std::string_view kFlinkPublication = "dbz_publication";
constexpr size_t kTablesNamedSingly = 5;

class LogCheck {
 public:
  LogCheck(Connection& connection, const ConnectOptions& options, const std::string& database,
           const Catalog& catalog, bool incremental)
      : connection_(connection),
        options_(options),
        database_(database),
        catalog_(catalog),
        severity_(LogSeverity(incremental)) {}

  Result<std::vector<Finding>> Run() {
    SL_TRY(CheckSettings());
    SL_TRY(CheckRole());
    CheckHba();
    SL_TRY(CheckPublication());
    SL_TRY(CheckSlots());
    SL_TRY(CheckIdentities());
    return std::move(findings_);
  }

 private:
  void Add(Severity severity, std::string code, std::string message, std::string mend) {
    findings_.push_back({severity, std::move(code), "source", std::move(message), std::move(mend)});
  }

  Status CheckSettings() {
    SL_ASSIGN(const Rows rows,
              connection_.Query(
                  "SELECT current_setting('wal_level'), "
                  "current_setting('max_replication_slots')::int, "
                  "(SELECT count(*) FROM pg_catalog.pg_replication_slots), "
                  "current_setting('max_wal_senders')::int, "
                  "(SELECT count(*) FROM pg_catalog.pg_stat_replication), pg_is_in_recovery(), "
                  "coalesce(current_setting('max_slot_wal_keep_size', true), '-1')"));
    const std::string_view wal_level = rows.Text(0, 0);
    if (wal_level != "logical") {
      Add(severity_, "wal-level-not-logical",
          fmt::format("wal_level is {}: changes can't be decoded from the log", wal_level),
          "ALTER SYSTEM SET wal_level = 'logical'; then restart the server (hosted: "
          "rds.logical_replication = 1, cloudsql.logical_decoding = on)");
    }
    const int64_t slots = rows.Number(0, 1), slots_used = rows.Number(0, 2);
    if (slots_used >= slots) {
      Add(severity_, "no-replication-slot-free",
          fmt::format("all {} of max_replication_slots are taken", slots),
          fmt::format("ALTER SYSTEM SET max_replication_slots = {}; then restart the server, or "
                      "SELECT pg_drop_replication_slot('…') for one that nobody reads",
                      slots + kSpare));
    }
    const int64_t senders = rows.Number(0, 3), senders_used = rows.Number(0, 4);
    if (senders_used >= senders) {
      Add(severity_, "no-wal-sender-free",
          fmt::format("all {} of max_wal_senders are taken", senders),
          fmt::format("ALTER SYSTEM SET max_wal_senders = {}; then restart the server",
                      senders + kSpare));
    }
    CheckJobs(std::min(slots - slots_used, senders - senders_used), slots_used, senders_used);
    if (rows.Flag(0, 5) && connection_.version_number() < kStandbyDecodes) {
      Add(severity_, "standby-can-not-decode",
          "the server is a standby, and before version 16 only a primary decodes its log",
          "connect to the primary");
    }
    if (rows.Text(0, 6) != "-1") {
      Add(Severity::kInfo, "slot-wal-limited",
          fmt::format(
              "max_slot_wal_keep_size is {}: a pause that writes more log than that makes a "
              "new full load necessary",
              rows.Text(0, 6)),
          "ALTER SYSTEM SET max_slot_wal_keep_size = -1; SELECT pg_reload_conf();");
    }
    return {};
  }

  // A Flink job by `starlift smt` follows one table, by a slot and a sender of its own.
  void CheckJobs(int64_t free, int64_t slots_used, int64_t senders_used) {
    const auto tables = static_cast<int64_t>(catalog_.tables.size());
    if (free <= 0 || free >= tables) return;
    Add(Severity::kWarning, "replication-slots-few",
        fmt::format("{} replication slots and senders are free, and the flink-create files of "
                    "`starlift smt` take one for each of {} tables",
                    free, tables),
        fmt::format("use its flink-cdc-pipeline files, which take one for all; or ALTER SYSTEM SET "
                    "max_replication_slots = {}; ALTER SYSTEM SET max_wal_senders = {}; then "
                    "restart the server",
                    slots_used + tables + kSpare, senders_used + tables + kSpare));
  }

  Status CheckRole() {
    SL_ASSIGN(const Rows rows,
              connection_.Query("SELECT rolreplication OR rolsuper, rolsuper FROM "
                                "pg_catalog.pg_roles WHERE rolname = current_user"));
    may_replicate_ = rows.size() > 0 && rows.Flag(0, 0);
    is_superuser_ = rows.size() > 0 && rows.Flag(0, 1);
    if (may_replicate_) return {};
    Add(severity_, "replication-not-granted",
        fmt::format("{} may not read the log", QuoteIdentifier(options_.user)),
        fmt::format("ALTER ROLE {} REPLICATION; (Amazon: GRANT rds_replication TO …)",
                    QuoteIdentifier(options_.user)));
    return {};
  }

  // Nobody but the server knows its pg_hba.conf as it is in force: so it is tried.
  void CheckHba() {
    if (!may_replicate_) return;
    const auto tried = Connection::Open(options_, database_, ConnectionPurpose::kReplication);
    if (tried.ok()) return;
    Add(severity_, "replication-connection-refused",
        fmt::format("the server refuses a replication connection: {}", tried.error().message),
        tried.error().mend);
  }

  // pgoutput tells the tables of a publication. Readers that find none make one, if they may.
  Status CheckPublication() {
    if (is_superuser_ || connection_.version_number() < kFirstWithPublications) return {};
    SL_ASSIGN(const Rows rows,
              connection_.Query(fmt::format(
                  "SELECT 1 FROM pg_catalog.pg_publication WHERE puballtables OR pubname = {}",
                  QuoteLiteral(kFlinkPublication))));
    if (rows.size() > 0) return {};
    findings_.push_back(
        {Severity::kWarning, "publication-missing", "`" + database_ + "`",
         "there is no publication, and only a superuser may make the one of all tables that Flink "
         "CDC looks for",
         fmt::format("in {}, as a superuser: CREATE PUBLICATION {} FOR ALL TABLES;",
                     QuoteIdentifier(database_), kFlinkPublication)});
    return {};
  }

  Status CheckSlots() {
    SL_ASSIGN(const Rows rows,
              connection_.Query("SELECT slot_name, to_jsonb(s) ->> 'wal_status' FROM "
                                "pg_catalog.pg_replication_slots s WHERE to_jsonb(s) ->> "
                                "'wal_status' IN ('lost', 'unreserved')"));
    for (size_t row = 0; row < rows.size(); ++row) {
      Add(Severity::kWarning, "replication-slot-lost",
          fmt::format("the slot {} is {}: its reader has to begin anew", rows.Text(row, 0),
                      rows.Text(row, 1)),
          fmt::format("SELECT pg_drop_replication_slot({});", QuoteLiteral(rows.Text(row, 0))));
    }
    return {};
  }

  // What an UPDATE or DELETE tells of the old row.
  Status CheckIdentities() {
    SL_ASSIGN(const Rows rows,
              connection_.Query(
                  "SELECT n.nspname, c.relname, c.relreplident, c.relpersistence, "
                  "EXISTS (SELECT 1 FROM pg_catalog.pg_index i WHERE i.indrelid = c.oid AND "
                  "i.indisprimary) FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON "
                  "n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p')"));
    std::map<std::pair<std::string, std::string>, size_t> places;
    for (size_t row = 0; row < rows.size(); ++row) {
      places[{std::string(rows.Text(row, 0)), std::string(rows.Text(row, 1))}] = row;
    }
    for (const Table& table : catalog_.tables) {
      const auto place = places.find({table.id.schema, table.id.name});
      if (place != places.end()) CheckIdentity(rows, place->second, table);
    }
    AddIdentitiesByKey();
    return {};
  }

  void CheckIdentity(const Rows& rows, size_t row, const Table& table) {
    const std::string subject = table.id.ToString();
    if (rows.Text(row, 3) == "u") {
      findings_.push_back({severity_, "table-not-logged", subject,
                           "it is UNLOGGED: its changes are not in the log",
                           fmt::format("ALTER TABLE {} SET LOGGED;", TableName(table))});
    }
    const std::string_view identity = rows.Text(row, 2);
    const bool by_primary_key = identity == "d" && rows.Flag(row, 4);
    const std::string mend = fmt::format("ALTER TABLE {} REPLICA IDENTITY FULL;", TableName(table));
    if (identity == "n" || (identity == "d" && !by_primary_key)) {
      findings_.push_back({severity_, "replica-identity-missing", subject,
                           "it has no replica identity: once it is published, the server refuses "
                           "its UPDATE and DELETE",
                           mend});
    } else if (by_primary_key) {
      by_key_.push_back(&table);
    }
  }

  // Usual: said once where it is true of many.
  void AddIdentitiesByKey() {
    constexpr std::string_view kMessage =
        "the log tells only the key of an old row, and leaves large values out that did not "
        "change: Flink CDC stops at the first UPDATE, unless its changelog-mode is upsert";
    if (by_key_.size() > kTablesNamedSingly) {
      findings_.push_back({Severity::kWarning, "replica-identity-not-full", "`" + database_ + "`",
                           fmt::format("of {} tables, the first of them {}, {}", by_key_.size(),
                                       by_key_.front()->id.ToString(), kMessage),
                           fmt::format("ALTER TABLE {} REPLICA IDENTITY FULL; and so for each",
                                       TableName(*by_key_.front()))});
      return;
    }
    for (const Table* table : by_key_) {
      findings_.push_back(
          {Severity::kWarning, "replica-identity-not-full", table->id.ToString(),
           std::string(kMessage),
           fmt::format("ALTER TABLE {} REPLICA IDENTITY FULL;", TableName(*table))});
    }
  }

  Connection& connection_;
  const ConnectOptions& options_;
  const std::string& database_;
  const Catalog& catalog_;
  const Severity severity_;
  bool may_replicate_ = false;
  bool is_superuser_ = false;
  std::vector<const Table*> by_key_;
  std::vector<Finding> findings_;
};

}  // namespace

Result<std::vector<Finding>> CheckLog(Connection& connection, const ConnectOptions& options,
                                      const std::string& database, const Catalog& catalog,
                                      bool incremental) {
  return LogCheck(connection, options, database, catalog, incremental).Run();
}

}  // namespace starlift::postgres
