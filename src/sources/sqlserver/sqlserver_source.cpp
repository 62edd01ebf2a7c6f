#include "sources/sqlserver/sqlserver_source.h"

#include <functional>
#include <iterator>
#include <set>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "sources/ddl_facts.h"
#include "sources/sqlserver/catalog.h"
#include "sources/sqlserver/check.h"
#include "sources/sqlserver/connection.h"
#include "sources/sqlserver/options.h"
#include "sources/structure_only.h"

namespace starlift::sqlserver {
namespace {

constexpr std::string_view kTitle = "SQL Server";

class SqlserverSource final : public Source, public DdlFactsReader {
 public:
  explicit SqlserverSource(ConnectOptions options) : options_(std::move(options)) {}

  Result<std::string> Describe() override {
    SL_ASSIGN(Connection connection, Connection::Open(options_));
    return Version(connection);
  }

  Result<std::vector<Finding>> Check(const TableFilter& filter, bool incremental) override {
    std::vector<Finding> findings = {RowsNotReadYetFinding(kTitle)};
    if (options_.encryption != Encryption::kRequire && IsRemoteHost(options_.host)) {
      findings.push_back({Severity::kInfo, "line-not-encrypted", "source",
                          "rows and statements go over the network unencrypted, unless the server "
                          "forces encryption",
                          "add encrypt=require to the source's URL"});
    }
    SL_TRY(ForEachDatabase([&](const AskServer& ask, const std::string& database) -> Status {
      SL_ASSIGN(const DatabaseCatalog catalog, ReadDatabase(ask, database, filter));
      if (catalog.tables.empty()) return {};
      AddFindings(CheckTables(catalog, options_.user), findings);
      SL_ASSIGN(std::vector<Finding> capture, CheckCapture(ask, database, catalog, incremental));
      AddFindings(std::move(capture), findings);
      return {};
    }));
    SortFindings(findings);
    return findings;
  }

  Result<Catalog> ReadCatalog(const TableFilter& filter) override {
    Catalog all;
    SL_TRY(ForEachDatabase([&](const AskServer& ask, const std::string& database) -> Status {
      SL_ASSIGN(DatabaseCatalog catalog, ReadDatabase(ask, database, filter));
      std::move(catalog.tables.begin(), catalog.tables.end(), std::back_inserter(all.tables));
      return {};
    }));
    return all;
  }

  DdlFactsReader* ddl_facts() override { return this; }

  Result<DdlFacts> ReadDdlFacts(const Catalog& catalog) override {
    std::set<TableId> wanted;
    for (const Table& table : catalog.tables) wanted.insert(table.id);
    const TableFilter filter = [&](const TableId& id) { return wanted.contains(id); };
    DdlFacts facts;
    SL_ASSIGN(std::string version, Describe());
    facts.server.emplace_back("version", std::move(version));
    SL_TRY(ForEachDatabase([&](const AskServer& ask, const std::string& database) -> Status {
      SL_ASSIGN(DatabaseCatalog of_database, ReadDatabase(ask, database, filter));
      facts.tables.merge(of_database.facts);
      return {};
    }));
    return facts;
  }

  Result<std::unique_ptr<SnapshotReader>> OpenSnapshot(const Cancellation&) override {
    return RowsNotReadYet(kTitle);
  }

 private:
  using Visit = std::function<Status(const AskServer& ask, const std::string& database)>;

  Status ForEachDatabase(const Visit& visit) const {
    SL_ASSIGN(Connection connection, Connection::Open(options_));
    const AskServer ask = [&](const std::string& batch) { return connection.Ask(batch); };
    // Named, it was entered by the login: Azure SQL Database knows no USE.
    if (!options_.database.empty()) return visit(ask, options_.database);
    SL_ASSIGN(const std::vector<std::string> databases, ListDatabases(ask));
    for (const std::string& database : databases) {
      SL_TRY(ask(fmt::format("USE {}", QuoteIdentifier(database))));
      SL_TRY(visit(ask, database));
    }
    return {};
  }

  static Result<std::string> Version(Connection& connection) {
    SL_ASSIGN(const std::vector<TextRows> answers,
              connection.Ask("SELECT CAST(SERVERPROPERTY('ProductVersion') AS varchar(60))"));
    const std::string version =
        answers.empty() || answers.front().size() == 0 ? std::string() : answers.front().Text(0, 0);
    return fmt::format("{} {}", kTitle, version);
  }

  const ConnectOptions options_;
};

}  // namespace

Result<std::unique_ptr<Source>> OpenSqlserverSource(const SourceConfig& config) {
  SL_ASSIGN(ConnectOptions options, ReadSourceOptions(config));
  return std::unique_ptr<Source>(std::make_unique<SqlserverSource>(std::move(options)));
}

}  // namespace starlift::sqlserver
