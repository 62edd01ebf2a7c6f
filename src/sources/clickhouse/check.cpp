#include "sources/clickhouse/check.h"

#include <utility>

#include <fmt/format.h>

#include "sources/clickhouse/catalog.h"
#include "sources/structure_only.h"

namespace starlift::clickhouse {
namespace {

constexpr int kAccessDenied = 497;

std::string TableName(const Table& table) {
  return QuoteIdentifier(table.id.database) + "." + QuoteIdentifier(table.id.name);
}

Finding ForTable(const Table& table, Severity severity, std::string code, std::string message,
                 std::string mend) {
  return {severity, std::move(code), table.id.ToString(), std::move(message), std::move(mend)};
}

void CheckLine(const Session& session, const ConnectOptions& options,
               std::vector<Finding>& findings) {
  if (session.port() != options.port) {
    findings.push_back(
        {Severity::kInfo, "native-port-given", "source",
         fmt::format("{} is the port of ClickHouse's native protocol; Starlift speaks HTTP and has "
                     "found it at {}",
                     options.port, session.port()),
         fmt::format("give the port {}", session.port())});
  }
  if (!session.is_tls() && IsRemoteHost(options.host)) {
    findings.push_back({Severity::kInfo, "line-not-encrypted", "source",
                        "rows and the password go over the network unencrypted",
                        "set https_port at the server, and ssl-mode=required here"});
  }
}

// Only the server knows all of roles and row policies: each table is asked for no row.
Status CheckReadable(Session& session, const ConnectOptions& options, const Table& table,
                     std::vector<Finding>& findings) {
  auto answer = session.Query(fmt::format("SELECT * FROM {} LIMIT 0", TableName(table)));
  if (answer.ok()) return {};
  if (answer.error().kind == ErrorKind::kUnreachable) return std::move(answer).error();
  const bool denied = answer.error().native_code == kAccessDenied;
  findings.push_back(
      ForTable(table, Severity::kError, denied ? "select-not-granted" : "table-not-readable",
               fmt::format("the server doesn't let it be read: {}", answer.error().message),
               denied ? fmt::format("GRANT SELECT ON {} TO {};", TableName(table),
                                    QuoteIdentifier(options.user))
                      : fmt::format("CHECK TABLE {}; or leave the table out", TableName(table))));
  return {};
}

void CheckEngine(const Table& table, std::vector<Finding>& findings) {
  const std::string_view family = EngineFamily(table.engine);
  const bool merges = family == "SummingMergeTree" || family == "AggregatingMergeTree" ||
                      family == "CollapsingMergeTree" || family == "VersionedCollapsingMergeTree" ||
                      family == "GraphiteMergeTree" || family == "CoalescingMergeTree";
  if (merges) {
    findings.push_back(ForTable(
        table, Severity::kWarning, "engine-merges-rows",
        fmt::format("its engine {} folds rows together at times of its own: what is read is as far "
                    "folded as the server happens to be",
                    table.engine),
        fmt::format("OPTIMIZE TABLE {} FINAL; before the load", TableName(table))));
  }
  if (table.has_key()) return;
  findings.push_back(
      ForTable(table, Severity::kWarning, "table-without-key",
               fmt::format("its engine {} keeps no key unique: it lands without a primary key",
                           table.engine),
               "where a column is unique, say so by a table rule"));
}

void CheckTypes(const Table& table, std::vector<Finding>& findings) {
  for (const Column& column : table.columns) {
    if (column.type.kind != TypeKind::kUnsupported) continue;
    findings.push_back(ForTable(
        table, Severity::kError, "column-type-not-supported",
        fmt::format("the type {} of its column {} holds no value that could be read",
                    column.native_type, QuoteIdentifier(column.name)),
        fmt::format("leave the column {} out by a table rule", QuoteIdentifier(column.name))));
  }
}

}  // namespace

Result<std::vector<Finding>> CheckClickhouse(Session& session, const ConnectOptions& options,
                                             const Catalog& catalog) {
  std::vector<Finding> findings;
  CheckLine(session, options, findings);
  for (const Table& table : catalog.tables) {
    SL_TRY(CheckReadable(session, options, table, findings));
    CheckEngine(table, findings);
    CheckTypes(table, findings);
  }
  return findings;
}

}  // namespace starlift::clickhouse
