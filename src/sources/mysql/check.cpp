#include "sources/mysql/check.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "sources/mysql/check_log.h"

namespace starlift::mysql {
namespace {

using wire::mysql::QueryRows;
using wire::mysql::QuoteIdentifier;

constexpr uint32_t kOldestMysql = 50600;
constexpr uint32_t kOldestMariadb = 100000;
// From so many unreadable tables of one database on, one finding speaks for all.
constexpr size_t kTablesNamedSingly = 3;

std::string TableName(const Table& table) {
  return QuoteIdentifier(table.id.database) + "." + QuoteIdentifier(table.id.name);
}

Finding ForTable(const Table& table, Severity severity, std::string code, std::string message,
                 std::string mend) {
  return {severity, std::move(code), table.id.ToString(), std::move(message), std::move(mend)};
}

void CheckVersion(const ServerVersion& version, std::vector<Finding>& findings) {
  const uint32_t oldest = version.is_mariadb ? kOldestMariadb : kOldestMysql;
  if (version.number < oldest) {
    findings.push_back(
        {Severity::kWarning, "version-not-supported", "source",
         fmt::format("{} is older than what Starlift is made for (MySQL 5.6, MariaDB 10.0)",
                     version.Describe()),
         "upgrade the server, or verify the loaded rows with care"});
  }
  for (const std::string_view variant : {"TiDB", "OceanBase", "PolarDB"}) {
    if (version.text.find(variant) == std::string::npos) continue;
    findings.push_back(
        {Severity::kWarning, "variant-not-proven", "source",
         fmt::format("the server is {} ({}), which no test of Starlift's has run against yet",
                     variant, version.text),
         ""});
  }
}

void CheckLine(const wire::mysql::Client& client, bool remote, std::vector<Finding>& findings) {
  if (client.is_tls() || !remote) return;
  findings.push_back(
      {Severity::kInfo, "line-not-encrypted", "source",
       "rows and statements go over the network unencrypted, as the server offers no TLS or "
       "ssl-mode=disabled",
       "give the server a certificate and set ssl-mode=required"});
}

struct Unreadable {
  const Table* table;
  Error error;
};

constexpr int kTableAccessDenied = 1142;
constexpr int kColumnAccessDenied = 1143;

bool IsDenied(const Error& error) {
  return error.native_code == kTableAccessDenied || error.native_code == kColumnAccessDenied;
}

// Asks for no row of each table: nothing else knows all of roles, wildcards and column privileges.
// The star is there for columns that the user may not even see in the catalog, the names for those
// that the star leaves out.
Result<std::vector<Unreadable>> FindUnreadable(SourceSession& session, const Catalog& catalog) {
  std::vector<Unreadable> unreadable;
  for (const Table& table : catalog.tables) {
    std::string columns = "*";
    for (const Column& column : table.columns) {
      if (column.invisible) columns += ", " + QuoteIdentifier(column.name);
    }
    auto outcome =
        session.client.Execute(fmt::format("SELECT {} FROM {} LIMIT 0", columns, TableName(table)));
    if (outcome.ok()) continue;
    if (!session.client.is_open()) return std::move(outcome).error();
    unreadable.push_back({&table, std::move(outcome).error()});
  }
  return unreadable;
}

Status CheckReadable(SourceSession& session, const Catalog& catalog,
                     std::vector<Finding>& findings) {
  SL_ASSIGN(const std::vector<Unreadable> unreadable, FindUnreadable(session, catalog));
  if (unreadable.empty()) return {};
  SL_ASSIGN(const std::string user, CurrentUser(session));
  std::map<std::string, std::vector<const Table*>> denied;
  for (const Unreadable& each : unreadable) {
    if (IsDenied(each.error)) {
      denied[each.table->id.database].push_back(each.table);
      continue;
    }
    findings.push_back(
        ForTable(*each.table, Severity::kError, "table-not-readable",
                 fmt::format("the server cannot read it: {}", each.error.message),
                 fmt::format("CHECK TABLE {}; or leave the table out", TableName(*each.table))));
  }
  for (const auto& [database, tables] : denied) {
    if (tables.size() > kTablesNamedSingly) {
      findings.push_back(
          {Severity::kError, "select-not-granted", QuoteIdentifier(database),
           fmt::format("{} may not read {} of its tables, the first of them {}", user,
                       tables.size(), QuoteIdentifier(tables.front()->id.name)),
           fmt::format("GRANT SELECT ON {}.* TO {};", QuoteIdentifier(database), user)});
      continue;
    }
    for (const Table* table : tables) {
      findings.push_back(
          ForTable(*table, Severity::kError, "select-not-granted",
                   fmt::format("{} may not read all its columns", user),
                   fmt::format("GRANT SELECT ON {} TO {};", TableName(*table), user)));
    }
  }
  return {};
}

void CheckKey(const Table& table, std::vector<Finding>& findings) {
  if (table.has_key()) return;
  const bool has_auto_increment =
      std::any_of(table.columns.begin(), table.columns.end(),
                  [](const Column& column) { return column.auto_increment; });
  std::string mend = fmt::format("ALTER TABLE {} ADD PRIMARY KEY (…);", TableName(table));
  if (!has_auto_increment && !table.FindColumn("id")) {
    mend = fmt::format(
        "ALTER TABLE {} ADD COLUMN `id` BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY;",
        TableName(table));
  }
  findings.push_back(ForTable(
      table, Severity::kWarning, "table-without-key",
      "it has no primary key and no unique key over whole NOT NULL columns: it is read in one "
      "stream, begins anew after an interruption, and lands without a primary key",
      std::move(mend)));
}

void CheckEngine(const Table& table, std::vector<Finding>& findings) {
  constexpr std::string_view kUnsafe[] = {"MyISAM",  "Aria", "MEMORY",
                                          "ARCHIVE", "CSV",  "MRG_MyISAM"};
  if (std::find(std::begin(kUnsafe), std::end(kUnsafe), table.engine) == std::end(kUnsafe)) return;
  findings.push_back(ForTable(
      table, Severity::kWarning, "engine-not-transactional",
      fmt::format("its engine {} has no consistent read: rows that change during the load may "
                  "arrive mixed, and the reader holds up writers",
                  table.engine),
      fmt::format("ALTER TABLE {} ENGINE=InnoDB; or load while nothing writes", TableName(table))));
}

void CheckTypes(const Table& table, std::vector<Finding>& findings) {
  for (const Column& column : table.columns) {
    if (column.type.kind != TypeKind::kUnsupported) continue;
    findings.push_back(ForTable(
        table, Severity::kError, "column-type-not-supported",
        fmt::format("the type {} of its column {} cannot be read yet", column.native_type,
                    QuoteIdentifier(column.name)),
        fmt::format("leave the column {} out by a table rule", QuoteIdentifier(column.name))));
  }
}

}  // namespace

Result<std::string> CurrentUser(SourceSession& session) {
  SL_ASSIGN(const QueryRows result, session.client.Query("SELECT CURRENT_USER()"));
  const std::string user = result.rows.empty() ? "" : result.rows[0][0].value_or("");
  const size_t at = user.rfind('@');
  if (at == std::string::npos) return user;
  return fmt::format("'{}'@'{}'", user.substr(0, at), user.substr(at + 1));
}

Result<std::vector<Finding>> CheckMysqlSource(SourceSession& session, const Catalog& catalog,
                                              bool remote, bool incremental) {
  std::vector<Finding> findings;
  CheckVersion(session.version, findings);
  CheckLine(session.client, remote, findings);
  SL_TRY(CheckReadable(session, catalog, findings));
  for (const Table& table : catalog.tables) {
    CheckTypes(table, findings);
    CheckKey(table, findings);
    CheckEngine(table, findings);
  }
  if (incremental) SL_TRY(CheckLog(session, catalog, findings));
  std::stable_sort(findings.begin(), findings.end(),
                   [](const Finding& a, const Finding& b) { return a.severity > b.severity; });
  return findings;
}

}  // namespace starlift::mysql
