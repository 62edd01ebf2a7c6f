#include "sources/postgres/check.h"

#include <map>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "sources/structure_only.h"

namespace starlift::postgres {
namespace {

constexpr int kOldestVersion = 100000;
constexpr size_t kTablesNamedSingly = 5;

Finding ForTable(const Table& table, Severity severity, std::string code, std::string message,
                 std::string mend) {
  return {severity, std::move(code), table.id.ToString(), std::move(message), std::move(mend)};
}

void CheckServer(const Connection& connection, const ConnectOptions& options,
                 std::vector<Finding>& findings) {
  if (connection.version_number() < kOldestVersion) {
    findings.push_back({Severity::kWarning, "version-not-supported", "source",
                        "the server is older than what Starlift is made for (PostgreSQL 10)",
                        "upgrade the server; until then its log needs a decoding plugin, which "
                        "Flink CDC is told by flink.cdc.decoding.plugin.name = wal2json or "
                        "decoderbufs in the table rule"});
  }
  if (!connection.is_tls() && IsRemoteHost(options.host)) {
    findings.push_back({Severity::kInfo, "line-not-encrypted", "source",
                        "rows and statements go over the network unencrypted, as the server offers "
                        "no TLS or sslmode=disable",
                        "set ssl = on and a certificate at the server, and sslmode=require"});
  }
}

Status CheckEncoding(Connection& connection, std::vector<Finding>& findings) {
  SL_ASSIGN(const Rows rows, connection.Query("SHOW server_encoding"));
  if (rows.size() == 0 || rows.Text(0, 0) != "SQL_ASCII") return {};
  findings.push_back({Severity::kWarning, "encoding-unknown", "source",
                      "the database's encoding is SQL_ASCII: nobody knows in which charset its "
                      "texts are; what is not UTF-8 stops the load",
                      "make a database with ENCODING 'UTF8' and restore a dump into it"});
  return {};
}

// Which of the catalog's tables a query over pg_class names.
class TablesByName {
 public:
  explicit TablesByName(const Catalog& catalog) {
    for (const Table& table : catalog.tables) {
      tables_.emplace(std::pair(table.id.schema, table.id.name), &table);
    }
  }
  const Table* Find(std::string_view schema, std::string_view name) const {
    const auto found = tables_.find(std::pair(std::string(schema), std::string(name)));
    return found == tables_.end() ? nullptr : found->second;
  }

 private:
  std::map<std::pair<std::string, std::string>, const Table*> tables_;
};

void AddDenied(const std::string& schema, const std::vector<const Table*>& tables,
               const ConnectOptions& options, std::vector<Finding>& findings) {
  const std::string user = QuoteIdentifier(options.user);
  if (tables.size() > kTablesNamedSingly) {
    findings.push_back(
        {Severity::kError, "select-not-granted", QuoteIdentifier(schema),
         fmt::format("{} may not read {} of its tables, the first of them {}", user, tables.size(),
                     QuoteIdentifier(tables.front()->id.name)),
         fmt::format("GRANT USAGE ON SCHEMA {0} TO {1}; GRANT SELECT ON ALL TABLES IN SCHEMA {0} "
                     "TO {1};",
                     QuoteIdentifier(schema), user)});
    return;
  }
  for (const Table* table : tables) {
    findings.push_back(ForTable(
        *table, Severity::kError, "select-not-granted", fmt::format("{} may not read it", user),
        fmt::format("GRANT USAGE ON SCHEMA {} TO {}; GRANT SELECT ON {} TO "
                    "{};",
                    QuoteIdentifier(schema), user, TableName(*table), user)));
  }
}

Status CheckReadable(Connection& connection, const ConnectOptions& options, const Catalog& catalog,
                     std::vector<Finding>& findings) {
  SL_ASSIGN(
      const Rows rows,
      connection.Query("SELECT n.nspname, c.relname, has_schema_privilege(n.oid, 'USAGE') AND "
                       "has_table_privilege(c.oid, 'SELECT'), row_security_active(c.oid) "
                       "FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = "
                       "c.relnamespace WHERE c.relkind IN ('r', 'p') ORDER BY 1, 2"));
  const TablesByName tables(catalog);
  std::map<std::string, std::vector<const Table*>> denied;
  for (size_t row = 0; row < rows.size(); ++row) {
    const Table* const table = tables.Find(rows.Text(row, 0), rows.Text(row, 1));
    if (table == nullptr) continue;
    if (!rows.Flag(row, 2)) denied[table->id.schema].push_back(table);
    if (rows.Flag(row, 3)) {
      findings.push_back(ForTable(
          *table, Severity::kError, "row-security-hides-rows",
          fmt::format("policies of row security hide rows from {}", QuoteIdentifier(options.user)),
          fmt::format("ALTER ROLE {} BYPASSRLS;", QuoteIdentifier(options.user))));
    }
  }
  for (const auto& [schema, of_schema] : denied) AddDenied(schema, of_schema, options, findings);
  return {};
}

// Old-style children are tables of their own, and their rows show in their parent, too.
Status CheckInheritance(Connection& connection, const Catalog& catalog,
                        std::vector<Finding>& findings) {
  SL_ASSIGN(const Rows rows,
            connection.Query("SELECT n.nspname, p.relname, count(*), min(c.oid::regclass::text) "
                             "FROM pg_catalog.pg_inherits i "
                             "JOIN pg_catalog.pg_class p ON p.oid = i.inhparent "
                             "JOIN pg_catalog.pg_namespace n ON n.oid = p.relnamespace "
                             "JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid "
                             "WHERE p.relkind = 'r' GROUP BY 1, 2 ORDER BY 1, 2"));
  const TablesByName tables(catalog);
  for (size_t row = 0; row < rows.size(); ++row) {
    const Table* const parent = tables.Find(rows.Text(row, 0), rows.Text(row, 1));
    if (parent == nullptr) continue;
    findings.push_back(ForTable(
        *parent, Severity::kWarning, "table-inherited",
        fmt::format("{} tables inherit from it, the first of them {}: a plain SELECT of it, as "
                    "Flink CDC's snapshot is one, brings their rows a second time",
                    rows.Number(row, 2), rows.Text(row, 3)),
        "leave it out by --exclude-tables, or its children; or make it a partitioned table"));
  }
  return {};
}

void CheckKey(const Table& table, std::vector<Finding>& findings) {
  if (table.has_key()) return;
  findings.push_back(ForTable(
      table, Severity::kWarning, "table-without-key",
      "it has no primary key and no unique key over whole NOT NULL columns: it lands without a "
      "primary key",
      fmt::format("ALTER TABLE {} ADD PRIMARY KEY (…);", TableName(table))));
}

}  // namespace

std::string TableName(const Table& table) {
  return QuoteIdentifier(table.id.schema) + "." + QuoteIdentifier(table.id.name);
}

Result<std::vector<Finding>> CheckTables(Connection& connection, const ConnectOptions& options,
                                         const Catalog& catalog) {
  std::vector<Finding> findings;
  CheckServer(connection, options, findings);
  SL_TRY(CheckEncoding(connection, findings));
  SL_TRY(CheckReadable(connection, options, catalog, findings));
  SL_TRY(CheckInheritance(connection, catalog, findings));
  for (const Table& table : catalog.tables) CheckKey(table, findings);
  return findings;
}

}  // namespace starlift::postgres
