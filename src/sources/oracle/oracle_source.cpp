#include "sources/oracle/oracle_source.h"

#include <string>
#include <utility>

#include <fmt/format.h>

#include "sources/ddl_facts.h"
#include "sources/oracle/catalog.h"
#include "sources/oracle/check.h"
#include "sources/oracle/connection.h"
#include "sources/source_options.h"
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
    SL_ASSIGN(const SchemaCatalog read, ReadOracleCatalog(ask, version, Database(), filter));
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
    SL_ASSIGN(SchemaCatalog read, ReadOracleCatalog(ask, version, Database(), filter));
    return std::move(read.catalog);
  }

  DdlFactsReader* ddl_facts() override { return this; }

  Result<DdlFacts> ReadDdlFacts(const Catalog& catalog) override {
    SL_ASSIGN(Connection connection, Connection::Open(options_));
    const AskServer ask = AskThrough(connection);
    SL_ASSIGN(const ServerVersion version, ReadVersion(ask));
    const TableFilter every = [](const TableId&) { return true; };
    SL_ASSIGN(SchemaCatalog read, ReadOracleCatalog(ask, version, Database(), every));
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
  const std::string& Database() const {
    return options_.service.empty() ? options_.sid : options_.service;
  }

  const ConnectOptions options_;
};

}  // namespace

Result<std::unique_ptr<Source>> OpenOracleSource(const SourceConfig& config) {
  static const std::vector<OptionDeclaration> declarations = {
      {.name = "client-dir",
       .placeholder = "DIR",
       .help = "Folder of Oracle's client library (Instant Client), where the system's loader "
               "doesn't find it."},
      {.name = "sid",
       .placeholder = "NAME",
       .help = "The instance's SID, for servers without service names."}};
  ConnectOptions options{.host = config.host,
                         .user = config.user,
                         .password = config.password,
                         .service = config.database};
  if (config.port != 0) options.port = config.port;
  SL_ASSIGN(const SourceOptionValues values, ReadSourceOptionValues(config, kTitle, declarations));
  for (const auto& [name, value] : values) {
    if (name == "client-dir") options.client_dir = value.text;
    if (name == "sid") options.sid = value.text;
  }
  if (options.service.empty() && options.sid.empty()) {
    return Error{ErrorKind::kUsage, "an Oracle URL names no service", "source URL",
                 "oracle://user@host:1521/service, or ?sid=NAME"};
  }
  return std::unique_ptr<Source>(std::make_unique<OracleSource>(std::move(options)));
}

}  // namespace starlift::oracle
