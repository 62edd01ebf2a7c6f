#include "sources/mysql/tidb/check.h"

#include <cstdlib>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "sources/mysql/tidb/tidb_source.h"
#include "sources/structure_only.h"

namespace starlift::mysql {
namespace {

using wire::mysql::QueryRows;

constexpr double kShortestHistoryMinutes = 60;

// "10m0s", "24h0m0s", as Go prints a duration.
double Minutes(const std::string& text) {
  double minutes = 0;
  const char* at = text.c_str();
  while (*at != '\0') {
    char* end = nullptr;
    const double number = std::strtod(at, &end);
    if (end == at) break;
    if (*end == 'h') minutes += number * 60;
    if (*end == 'm') minutes += number;
    at = *end == '\0' ? end : end + 1;
  }
  return minutes;
}

// The cluster forgets what was overwritten after this time, whoever still reads it.
void CheckHistory(SourceSession& session, std::vector<Finding>& findings) {
  const auto answer = session.client.Query("SELECT @@tidb_gc_life_time");
  if (!answer.ok() || answer->rows.empty()) return;  // before version 5
  const std::string life_time = answer->rows[0][0].value_or("");
  if (Minutes(life_time) >= kShortestHistoryMinutes) return;
  findings.push_back(
      {Severity::kWarning, "history-kept-shortly", "source",
       fmt::format("tidb_gc_life_time is {}: a read of one moment that lasts longer fails",
                   life_time),
       "SET GLOBAL tidb_gc_life_time = '24h';"});
}

void CheckPlacementDrivers(SourceSession& session, std::vector<Finding>& findings) {
  const auto answer = session.client.Query(
      "SELECT INSTANCE FROM information_schema.CLUSTER_INFO WHERE TYPE = 'pd'");
  if (answer.ok() && !answer->rows.empty()) return;
  findings.push_back(
      {Severity::kWarning, "pd-addresses-unknown", "source",
       "the server doesn't say where its placement drivers (PD) are, which Flink's tidb-cdc reads "
       "from: it is older than 4.0, or this user may not ask",
       "GRANT PROCESS ON *.* TO <this user>; or set flink.cdc.pd-addresses in the table rule"});
}

}  // namespace

Result<std::vector<Finding>> CheckTidb(SourceSession& session, bool incremental) {
  std::vector<Finding> findings;
  if (TidbVersion(session.version.text).empty()) {
    findings.push_back({Severity::kError, "server-is-not-tidb", "source",
                        fmt::format("the server is {}, not TiDB", session.version.Describe()),
                        session.version.is_mariadb ? "use mariadb://" : "use mysql://"});
    return findings;
  }
  CheckHistory(session, findings);
  CheckPlacementDrivers(session, findings);
  if (incremental) {
    findings.push_back({Severity::kError, "changes-not-read-yet", "source",
                        "TiDB keeps no log of MySQL's form, and TiCDC's can't be read yet",
                        "use --phases structure,full"});
  }
  return findings;
}

}  // namespace starlift::mysql
