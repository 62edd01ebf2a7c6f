#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sandbox/catalog/catalog.h"
#include "sandbox/sql/error.h"

// What executing DDL needs of the other rooms of the sandbox: interfaces, implemented there.
namespace starlift::sandbox::ddl {

enum class ObjectKind : uint8_t { kSystem, kCatalog, kDatabase, kTable, kView, kMaterializedView };

// The session on whose behalf a statement runs; implemented by frontend/.
class SessionContext {
 public:
  virtual ~SessionContext() = default;
  virtual std::string current_catalog() const = 0;   // "default_catalog"
  virtual std::string current_database() const = 0;  // empty: none selected
  virtual std::string user_identity() const = 0;     // 'root'@'%'
  // Error 5203 with the real one's words if the session lacks the privilege ("ALTER", "DROP",
  // "CREATE TABLE", "ANY", …). `name` is the table's; kDatabase and kCatalog take `database`.
  virtual Status RequirePrivilege(std::string_view privilege, ObjectKind kind,
                                  std::string_view database, std::string_view name) const = 0;
  // Whether SHOW lists the object: the session has any privilege on it or on something inside it.
  virtual bool CanSeeDatabase(std::string_view database) const = 0;
  virtual bool CanSeeTable(std::string_view database, std::string_view table,
                           ObjectKind kind) const = 0;
};

struct PartitionStatistics {
  int64_t row_count = 0;
  int64_t data_bytes = 0;
  int64_t visible_version = 1;
  int64_t visible_version_ms = 0;  // 0: when the partition was made
};

// Facts about stored rows; implemented by storage/ and load/.
class StorageFacts {
 public:
  virtual ~StorageFacts() = default;
  virtual PartitionStatistics StatisticsOf(const catalog::TableDef& table,
                                           const catalog::PartitionDef& partition) const = 0;
};

// Transactions of loads, as ALTER jobs see them; implemented by load/.
class TransactionWatch {
 public:
  virtual ~TransactionWatch() = default;
  // A new transaction id, larger than all given out before.
  virtual int64_t NextTransactionId() = 0;
  // Is a transaction of the database with a smaller id neither visible nor aborted?
  virtual bool HasOpenTransactionBefore(catalog::ObjectId database_id,
                                        int64_t transaction_id) const = 0;
};

struct AnalyzedColumn {
  std::string name;
  catalog::DataType type;
  bool nullable = true;
};

struct AnalyzedQuery {
  std::vector<AnalyzedColumn> columns;
  // With names qualified and aliases spelled out, as SHOW CREATE VIEW prints it.
  std::string printed;
  // The same without databases before columns, where all tables are of one: as SHOW CREATE
  // MATERIALIZED VIEW prints it.
  std::string printed_simple;
  // Tables and views read: (database, name).
  std::vector<std::pair<std::string, std::string>> sources;
};

struct AnalyzedExpression {
  catalog::DataType type;
  std::string printed;  // columns in backticks, unqualified
  std::string sql;      // DuckDB, over the columns' physical names
  std::vector<std::string> columns;
  bool has_aggregate = false;
};

// Analysis of queries and expressions; implemented by query/. Errors are SQL errors (sql/error.h).
class QueryAnalyzer {
 public:
  virtual ~QueryAnalyzer() = default;
  // `start` is where the text stands in its statement, so that positions in errors count from
  // there.
  virtual Result<AnalyzedQuery> AnalyzeQuery(const SessionContext& session, std::string_view query,
                                             sql::Position start) const = 0;
  virtual Result<AnalyzedExpression> AnalyzeExpression(
      const std::vector<catalog::ColumnDef>& columns, std::string_view expression,
      sql::Position start) const = 0;
  // Names and columns of the tables of information_schema, sys and _statistics_, in order of name;
  // no such table gives no columns.
  virtual std::vector<std::string> SystemTables(std::string_view /*database*/) const { return {}; }
  virtual std::vector<AnalyzedColumn> SystemTableColumns(std::string_view /*database*/,
                                                         std::string_view /*table*/) const {
    return {};
  }
  // Fills a new table from a query (CREATE TABLE … AS); returns the rows written.
  virtual Result<uint64_t> InsertFromQuery(const SessionContext& session, std::string_view database,
                                           std::string_view table,
                                           std::string_view query) const = 0;
};

// Ids of the pretended backends count from here.
inline constexpr int kFirstBackendId = 10001;

// Facts of the pretended cluster.
struct ClusterFacts {
  int live_backends = 1;
  // How long an ALTER job stays PENDING before it begins: clients must see that it is asynchronous.
  int alter_pending_ms = 1000;
  std::string time_zone = "UTC";
};

// Everything together. All pointers outlive every statement.
struct Environment {
  catalog::Catalog* catalog = nullptr;
  StorageFacts* storage = nullptr;
  TransactionWatch* transactions = nullptr;
  QueryAnalyzer* analyzer = nullptr;
  ClusterFacts cluster;
};

}  // namespace starlift::sandbox::ddl
