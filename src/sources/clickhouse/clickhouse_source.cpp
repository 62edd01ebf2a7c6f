#include "sources/clickhouse/clickhouse_source.h"

#include <string>
#include <utility>

#include "sources/clickhouse/catalog.h"
#include "sources/clickhouse/check.h"
#include "sources/clickhouse/options.h"
#include "sources/clickhouse/session.h"
#include "sources/ddl_facts.h"
#include "sources/structure_only.h"

namespace starlift::clickhouse {
namespace {

constexpr std::string_view kTitle = "ClickHouse";

class ClickhouseSource final : public Source, public DdlFactsReader {
 public:
  ClickhouseSource(ConnectOptions options, std::string database)
      : options_(std::move(options)), database_(std::move(database)) {}

  Result<std::string> Describe() override {
    SL_ASSIGN(const Session session, Session::Open(options_));
    return std::string(kTitle) + " " + session.version();
  }

  Result<std::vector<Finding>> Check(const TableFilter& filter, bool /*incremental*/) override {
    SL_ASSIGN(Session session, Session::Open(options_));
    SL_ASSIGN(const Catalog catalog, ReadClickhouseCatalog(session, database_, filter));
    SL_ASSIGN(std::vector<Finding> findings, CheckClickhouse(session, options_, catalog));
    findings.insert(findings.begin(), RowsNotReadYetFinding(kTitle));
    SortFindings(findings);
    return findings;
  }

  Result<Catalog> ReadCatalog(const TableFilter& filter) override {
    SL_ASSIGN(Session session, Session::Open(options_));
    return ReadClickhouseCatalog(session, database_, filter);
  }

  Result<DdlFacts> ReadDdlFacts(const Catalog& catalog) override {
    SL_ASSIGN(Session session, Session::Open(options_));
    DdlFacts facts;
    for (const Table& table : catalog.tables) facts.tables[table.id];
    SL_TRY(ReadClickhouseFacts(session, facts));
    return facts;
  }

  DdlFactsReader* ddl_facts() override { return this; }

  Result<std::unique_ptr<SnapshotReader>> OpenSnapshot(const Cancellation&) override {
    return RowsNotReadYet(kTitle);
  }

 private:
  const ConnectOptions options_;
  const std::string database_;
};

}  // namespace

Result<std::unique_ptr<Source>> OpenClickhouseSource(const SourceConfig& config) {
  SL_ASSIGN(ConnectOptions options, ReadSourceOptions(config));
  return std::unique_ptr<Source>(
      std::make_unique<ClickhouseSource>(std::move(options), config.database));
}

}  // namespace starlift::clickhouse
