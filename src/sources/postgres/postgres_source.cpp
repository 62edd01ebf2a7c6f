#include "sources/postgres/postgres_source.h"

#include <functional>
#include <iterator>
#include <set>
#include <string>
#include <utility>

#include "sources/ddl_facts.h"
#include "sources/postgres/catalog.h"
#include "sources/postgres/check.h"
#include "sources/postgres/connection.h"
#include "sources/postgres/options.h"
#include "sources/structure_only.h"

namespace starlift::postgres {
namespace {

constexpr std::string_view kTitle = "PostgreSQL";

class PostgresSource final : public Source, public DdlFactsReader {
 public:
  PostgresSource(ConnectOptions options, std::string database)
      : options_(std::move(options)), database_(std::move(database)) {}

  Result<std::string> Describe() override {
    SL_ASSIGN(Connection connection, OpenFirst());
    return ServerVersion(connection);
  }

  Result<std::vector<Finding>> Check(const TableFilter& filter, bool incremental) override {
    std::vector<Finding> findings = {RowsNotReadYetFinding(kTitle)};
    SL_TRY(ForEachDatabase([&](Connection& connection, const std::string& database) -> Status {
      SL_ASSIGN(const Catalog catalog, ReadPostgresCatalog(connection, database, filter));
      if (catalog.tables.empty()) return {};
      SL_ASSIGN(std::vector<Finding> of_tables, CheckTables(connection, options_, catalog));
      SL_ASSIGN(std::vector<Finding> of_log,
                CheckLog(connection, options_, database, catalog, incremental));
      AddFindings(std::move(of_tables), findings);
      AddFindings(std::move(of_log), findings);
      return {};
    }));
    SortFindings(findings);
    return findings;
  }

  Result<Catalog> ReadCatalog(const TableFilter& filter) override {
    Catalog all;
    SL_TRY(ForEachDatabase([&](Connection& connection, const std::string& database) -> Status {
      SL_ASSIGN(Catalog catalog, ReadPostgresCatalog(connection, database, filter));
      std::move(catalog.tables.begin(), catalog.tables.end(), std::back_inserter(all.tables));
      return {};
    }));
    return all;
  }

  Result<DdlFacts> ReadDdlFacts(const Catalog& catalog) override {
    DdlFacts facts;
    std::set<std::string> databases;
    for (const Table& table : catalog.tables) {
      facts.tables[table.id];
      databases.insert(table.id.database);
    }
    SL_ASSIGN(Connection first, OpenFirst());
    SL_ASSIGN(std::string version, ServerVersion(first));
    facts.server.emplace_back("version", std::move(version));
    for (const std::string& database : databases) {
      SL_ASSIGN(Connection connection, Connection::Open(options_, database));
      SL_TRY(ReadPostgresFacts(connection, database, facts));
    }
    return facts;
  }

  DdlFactsReader* ddl_facts() override { return this; }

  Result<std::unique_ptr<SnapshotReader>> OpenSnapshot(const Cancellation&) override {
    return RowsNotReadYet(kTitle);
  }

 private:
  using Visit = std::function<Status(Connection&, const std::string& database)>;

  // Where no database is named, any serves to ask for the others.
  Result<Connection> OpenFirst() const {
    if (!database_.empty()) return Connection::Open(options_, database_);
    Result<Connection> connection = Connection::Open(options_, "postgres");
    for (const std::string& other : {options_.user, std::string("template1")}) {
      if (connection.ok() || connection.error().kind != ErrorKind::kNotFound) break;
      connection = Connection::Open(options_, other);
    }
    return connection;
  }

  Status ForEachDatabase(const Visit& visit) const {
    SL_ASSIGN(Connection first, OpenFirst());
    if (!database_.empty()) return visit(first, database_);
    SL_ASSIGN(const std::vector<std::string> databases, ListDatabases(first));
    for (const std::string& database : databases) {
      SL_ASSIGN(Connection connection, Connection::Open(options_, database));
      SL_TRY(visit(connection, database));
    }
    return {};
  }

  static Result<std::string> ServerVersion(Connection& connection) {
    SL_ASSIGN(const Rows rows, connection.Query("SHOW server_version"));
    const std::string_view whole = rows.Text(0, 0);
    return std::string(kTitle) + " " + std::string(whole.substr(0, whole.find(' ')));
  }

  const ConnectOptions options_;
  const std::string database_;
};

}  // namespace

Result<std::unique_ptr<Source>> OpenPostgresSource(const SourceConfig& config) {
  SL_ASSIGN(ConnectOptions options, ReadSourceOptions(config));
  return std::unique_ptr<Source>(
      std::make_unique<PostgresSource>(std::move(options), config.database));
}

}  // namespace starlift::postgres
