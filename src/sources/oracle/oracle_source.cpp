#include "sources/oracle/oracle_source.h"

#include <string>
#include <utility>

#include <fmt/format.h>

#include "sources/ddl_facts.h"
#include "sources/oracle/catalog.h"
#include "sources/oracle/check.h"
#include "sources/oracle/connection.h"
#include "sources/oracle/options.h"
#include "sources/structure_only.h"

namespace starlift::oracle {
namespace {

constexpr std::string_view kTitle = "Oracle";

class OracleSource final : public Source, public DdlFactsReader {
 public:
  explicit OracleSource(ConnectOptions options) : options_(std::move(options)) {}

  Result<std::string> Describe() override {
    SL_ASSIGN(Connection connection, Connection::Open(options_));
    SL_ASSIGN(const ServerVersion version, ReadVersion(AskThrough(connection)));
    return fmt::format("{} {}", kTitle, version.text);
  }

  Result<std::vector<Finding>> Check(const TableFilter& filter, bool incremental) override {
    SL_ASSIGN(Connection connection, Connection::Open(options_));
    const AskServer ask = AskThrough(connection);
    SL_ASSIGN(const ServerVersion version, ReadVersion(ask));
    SL_ASSIGN(const SchemaCatalog read,
              ReadOracleCatalog(ask, version, options_.database(), filter));
    std::vector<Finding> findings = {RowsNotReadYetFinding(kTitle)};
    AddFindings(CheckTables(read.catalog), findings);
    SL_ASSIGN(std::vector<Finding> log,
              CheckLog(ask, version, options_.user, read.catalog, incremental));
    AddFindings(std::move(log), findings);
    SortFindings(findings);
    return findings;
  }

  Result<Catalog> ReadCatalog(const TableFilter& filter) override {
    SL_ASSIGN(Connection connection, Connection::Open(options_));
    const AskServer ask = AskThrough(connection);
    SL_ASSIGN(const ServerVersion version, ReadVersion(ask));
    SL_ASSIGN(SchemaCatalog read, ReadOracleCatalog(ask, version, options_.database(), filter));
    return std::move(read.catalog);
  }

  DdlFactsReader* ddl_facts() override { return this; }

  Result<DdlFacts> ReadDdlFacts(const Catalog& catalog) override {
    SL_ASSIGN(Connection connection, Connection::Open(options_));
    const AskServer ask = AskThrough(connection);
    SL_ASSIGN(const ServerVersion version, ReadVersion(ask));
    const TableFilter every = [](const TableId&) { return true; };
    SL_ASSIGN(SchemaCatalog read, ReadOracleCatalog(ask, version, options_.database(), every));
    DdlFacts facts;
    for (const Table& table : catalog.tables) {
      facts.tables.emplace(table.id, std::move(read.facts[table.id]));
    }
    facts.server.emplace_back("version", version.text);
    facts.server.emplace_back("major-version", std::to_string(version.major));
    SL_ASSIGN(const std::optional<DatabaseState> state, ReadDatabaseState(ask, version));
    if (state && state->container) facts.server.emplace_back("cdb-name", state->name);
    return facts;
  }

  Result<std::unique_ptr<SnapshotReader>> OpenSnapshot(const Cancellation&) override {
    return RowsNotReadYet(kTitle);
  }

 private:
  static AskServer AskThrough(Connection& connection) {
    return [&connection](const std::string& query) { return connection.Ask(query); };
  }

  const ConnectOptions options_;
};

}  // namespace

Result<std::unique_ptr<Source>> OpenOracleSource(const SourceConfig& config) {
  SL_ASSIGN(ConnectOptions options, ReadSourceOptions(config));
  return std::unique_ptr<Source>(std::make_unique<OracleSource>(std::move(options)));
}

}  // namespace starlift::oracle
