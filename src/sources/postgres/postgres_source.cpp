#include "sources/postgres/postgres_source.h"

#include <atomic>
#include <functional>
#include <iterator>
#include <set>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "base/log.h"
#include "sources/ddl_facts.h"
#include "sources/postgres/catalog.h"
#include "sources/postgres/check.h"
#include "sources/postgres/connection.h"
#include "sources/postgres/options.h"
#include "sources/structure_only.h"

namespace starlift::postgres {
namespace {

constexpr std::string_view kTitle = "PostgreSQL";

Finding LeftOut(const std::string& database, std::string_view why, std::string mend) {
  return {Severity::kWarning, "database-left-out", "`" + database + "`",
          fmt::format("it is left out: {}", why), std::move(mend)};
}

// What the server's list of databases says against reading one of them.
std::optional<Finding> Obstacle(const DatabaseEntry& database, const std::string& user) {
  const std::string name = QuoteIdentifier(database.name);
  if (database.is_template) {
    return LeftOut(database.name, "it is a template",
                   fmt::format("name it in the source's URL, or ALTER DATABASE {} IS_TEMPLATE "
                               "false;",
                               name));
  }
  if (!database.takes_connections) {
    return LeftOut(database.name, "it takes no connections",
                   fmt::format("ALTER DATABASE {} ALLOW_CONNECTIONS true;", name));
  }
  if (!database.may_connect) {
    return LeftOut(database.name, fmt::format("{} may not connect to it", QuoteIdentifier(user)),
                   fmt::format("GRANT CONNECT ON DATABASE {} TO {};", name, QuoteIdentifier(user)));
  }
  return std::nullopt;
}

// The server let us in elsewhere, but not here.
bool IsOfOneDatabase(const Error& error) {
  return error.kind == ErrorKind::kRefused || error.kind == ErrorKind::kNotFound;
}

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
    SL_ASSIGN(std::vector<Finding> left_out,
              ForEachDatabase([&](Connection& connection, const std::string& database) {
                return CheckDatabase(connection, database, filter, incremental, findings);
              }));
    left_out_told_ = true;
    AddFindings(std::move(left_out), findings);
    SortFindings(findings);
    return findings;
  }

  Result<Catalog> ReadCatalog(const TableFilter& filter) override {
    Catalog all;
    SL_ASSIGN(const std::vector<Finding> left_out,
              ForEachDatabase([&](Connection& connection, const std::string& database) -> Status {
                SL_ASSIGN(Catalog catalog, ReadPostgresCatalog(connection, database, filter));
                std::move(catalog.tables.begin(), catalog.tables.end(),
                          std::back_inserter(all.tables));
                return {};
              }));
    if (!left_out_told_.exchange(true)) {
      for (const Finding& finding : left_out) {
        LogWarning("database {}: {}; to mend it: {}", finding.subject, finding.message,
                   finding.mend);
      }
    }
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

  Status CheckDatabase(Connection& connection, const std::string& database,
                       const TableFilter& filter, bool incremental,
                       std::vector<Finding>& findings) const {
    SL_ASSIGN(const Catalog catalog, ReadPostgresCatalog(connection, database, filter));
    if (catalog.tables.empty()) return {};
    SL_ASSIGN(std::vector<Finding> of_tables, CheckTables(connection, options_, catalog));
    SL_ASSIGN(std::vector<Finding> of_log,
              CheckLog(connection, options_, database, catalog, incremental));
    AddFindings(std::move(of_tables), findings);
    AddFindings(std::move(of_log), findings);
    return {};
  }

  // Where no database is named, any that lets us in serves to ask for the others.
  Result<Connection> OpenFirst() const {
    if (!database_.empty()) return Connection::Open(options_, database_);
    Result<Connection> first = Connection::Open(options_, "postgres");
    for (const std::string& other : {options_.user, std::string("template1")}) {
      if (first.ok() || !IsOfOneDatabase(first.error())) break;
      Result<Connection> connection = Connection::Open(options_, other);
      if (connection.ok()) return connection;
    }
    return first;
  }

  // Those that can't be read are left out, and told.
  Result<std::vector<Finding>> ForEachDatabase(const Visit& visit) const {
    std::vector<Finding> left_out;
    SL_ASSIGN(Connection first, OpenFirst());
    if (!database_.empty()) {
      SL_TRY(visit(first, database_));
      return left_out;
    }
    SL_ASSIGN(const std::vector<DatabaseEntry> databases, ListDatabases(first));
    for (const DatabaseEntry& database : databases) {
      if (std::optional<Finding> obstacle = Obstacle(database, options_.user)) {
        left_out.push_back(std::move(*obstacle));
        continue;
      }
      Result<Connection> connection = Connection::Open(options_, database.name);
      if (!connection.ok() && IsOfOneDatabase(connection.error())) {
        left_out.push_back(
            LeftOut(database.name, connection.error().message, connection.error().mend));
        continue;
      }
      if (!connection.ok()) return std::move(connection).error();
      SL_TRY(visit(*connection, database.name));
    }
    return left_out;
  }

  static Result<std::string> ServerVersion(Connection& connection) {
    SL_ASSIGN(const Rows rows, connection.Query("SHOW server_version"));
    const std::string_view whole = rows.Text(0, 0);
    return std::string(kTitle) + " " + std::string(whole.substr(0, whole.find(' ')));
  }

  const ConnectOptions options_;
  const std::string database_;
  std::atomic<bool> left_out_told_ = false;
};

}  // namespace

Result<std::unique_ptr<Source>> OpenPostgresSource(const SourceConfig& config) {
  SL_ASSIGN(ConnectOptions options, ReadSourceOptions(config));
  return std::unique_ptr<Source>(
      std::make_unique<PostgresSource>(std::move(options), config.database));
}

}  // namespace starlift::postgres
