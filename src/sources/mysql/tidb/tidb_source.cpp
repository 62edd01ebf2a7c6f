#include "sources/mysql/tidb/tidb_source.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "sources/mysql/catalog.h"
#include "sources/mysql/check.h"
#include "sources/mysql/ddl_facts.h"
#include "sources/mysql/options.h"
#include "sources/mysql/session.h"
#include "sources/mysql/snapshot.h"
#include "sources/mysql/tidb/check.h"
#include "sources/structure_only.h"

namespace starlift::mysql {
namespace {

constexpr uint16_t kDefaultPort = 4000;
constexpr std::string_view kVersionMark = "-TiDB-";
constexpr std::array<std::string_view, 6> kSystemSchemas = {"information_schema",
                                                            "performance_schema",
                                                            "metrics_schema",
                                                            "inspection_schema",
                                                            "mysql",
                                                            "sys"};

// Of the placement drivers, the one that started last, as the original tool takes it.
constexpr std::string_view kPlacementDriverQuery =
    "SELECT INSTANCE FROM information_schema.CLUSTER_INFO WHERE TYPE = 'pd' "
    "ORDER BY START_TIME DESC LIMIT 1";

class TidbSource final : public Source, public DdlFactsReader {
 public:
  TidbSource(wire::mysql::ClientOptions options, std::string database)
      : options_(std::move(options)), database_(std::move(database)) {}

  Result<std::string> Describe() override {
    SL_ASSIGN(const SourceSession session, OpenSourceSession(options_));
    const std::string version = TidbVersion(session.version.text);
    return version.empty() ? session.version.Describe() : "TiDB " + version;
  }

  Result<std::vector<Finding>> Check(const TableFilter& filter, bool incremental) override {
    SL_ASSIGN(SourceSession session, OpenSourceSession(options_));
    SL_ASSIGN(const Catalog catalog, ReadMysqlCatalog(session, database_, UserTables(filter)));
    // Not MySQL's checks of its log, which is not there.
    SL_ASSIGN(std::vector<Finding> findings,
              CheckMysqlSource(session, catalog, IsRemoteHost(options_.host),
                               /*incremental=*/false));
    // Said of mysql:// URLs; here it is known which server was meant.
    std::erase_if(findings, [](const Finding& each) { return each.code == "variant-not-proven"; });
    SL_ASSIGN(std::vector<Finding> own, CheckTidb(session, incremental));
    std::move(own.begin(), own.end(), std::back_inserter(findings));
    SortFindings(findings);
    return findings;
  }

  Result<Catalog> ReadCatalog(const TableFilter& filter) override {
    SL_ASSIGN(SourceSession session, OpenSourceSession(options_));
    return ReadMysqlCatalog(session, database_, UserTables(filter));
  }

  Result<std::unique_ptr<SnapshotReader>> OpenSnapshot(const Cancellation& cancellation) override {
    return OpenMysqlSnapshot(options_, cancellation);
  }

  DdlFactsReader* ddl_facts() override { return this; }

  Result<DdlFacts> ReadDdlFacts(const Catalog& catalog) override {
    SL_ASSIGN(SourceSession session, OpenSourceSession(options_));
    SL_ASSIGN(DdlFacts facts, ReadMysqlDdlFacts(session, catalog));
    // Servers before 4.0 have no such table: the fact is missing then.
    const auto answer = session.client.Query(kPlacementDriverQuery);
    if (answer.ok() && !answer->rows.empty()) {
      facts.server.emplace_back("pd-addresses", answer->rows[0][0].value_or(""));
    }
    return facts;
  }

 private:
  static TableFilter UserTables(const TableFilter& filter) {
    return [&filter](const TableId& table) {
      return !IsTidbSystemSchema(table.database) && filter(table);
    };
  }

  const wire::mysql::ClientOptions options_;
  const std::string database_;
};

}  // namespace

std::string TidbVersion(std::string_view server_version) {
  const size_t at = server_version.find(kVersionMark);
  if (at == std::string_view::npos) return {};
  return std::string(server_version.substr(at + kVersionMark.size()));
}

bool IsTidbSystemSchema(std::string_view database) {
  std::string lower(database);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return std::find(kSystemSchemas.begin(), kSystemSchemas.end(), lower) != kSystemSchemas.end();
}

Result<std::unique_ptr<Source>> OpenTidbSource(const SourceConfig& config) {
  SourceConfig with_port = config;
  if (with_port.port == 0) with_port.port = kDefaultPort;
  SL_ASSIGN(wire::mysql::ClientOptions options, ReadSourceOptions(with_port));
  return std::unique_ptr<Source>(std::make_unique<TidbSource>(std::move(options), config.database));
}

}  // namespace starlift::mysql
