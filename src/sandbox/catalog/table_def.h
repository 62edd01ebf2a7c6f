#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sandbox/catalog/data_type.h"

// Definitions of schema objects. Plain data; shared as `shared_ptr<const …>`, so a reader keeps a
// consistent definition however long it takes, while DDL puts new ones into the catalog.
namespace starlift::sandbox::catalog {

using ObjectId =
    int64_t;  // databases, tables, partitions, indexes, jobs: one sequence, never reused

enum class AggregateKind : uint8_t {
  kNone,  // key columns, and value columns of Duplicate Key tables
  kSum,
  kMin,
  kMax,
  kReplace,
  kReplaceIfNotNull,
  kHllUnion,
  kBitmapUnion,
  kPercentileUnion,
  kAggState,
};

enum class DefaultKind : uint8_t {
  kNone,     // nothing said: NULL where nullable, else a row must bring a value
  kNull,     // DEFAULT NULL
  kLiteral,  // default_text
  kCurrentTimestamp,
  kUuid,
  kUuidNumeric,
};

struct ColumnDef {
  int32_t id = 0;  // unique within the table, never reused; physical column c<id>
  std::string name;
  // The name that it was made with, if RENAME COLUMN changed it: no new column may take that one.
  std::string first_name;
  DataType type;
  bool is_key = false;
  bool nullable = true;
  AggregateKind aggregate = AggregateKind::kNone;
  DefaultKind default_kind = DefaultKind::kNone;
  std::string default_text;  // kLiteral: the text; kCurrentTimestamp: its precision or empty
  // CURRENT_TIMESTAMP of a column added later: the moment of the ALTER, which older rows have.
  std::string fixed_default;
  bool auto_increment = false;
  // A generated column's expression as StarRocks prints it; empty for plain columns.
  std::string generated_expression;
  std::string comment;

  bool generated() const { return !generated_expression.empty(); }
  bool has_default() const { return default_kind != DefaultKind::kNone; }
  std::string physical_name() const { return "c" + std::to_string(id); }
};

enum class TableModel : uint8_t { kDuplicate, kAggregate, kUnique, kPrimary };

enum class PartitionKind : uint8_t { kNone, kRange, kList };

// One value of a partition bound or list item.
struct PartitionValue {
  enum class Kind : uint8_t { kMinimum, kMaximum, kNull, kLiteral };
  Kind kind = Kind::kLiteral;
  std::string text;  // canonical: "2024-01-01", "2024-01-01 00:00:00", "17"

  bool operator==(const PartitionValue&) const = default;
};
using PartitionTuple = std::vector<PartitionValue>;

struct PartitionDef {
  ObjectId id = 0;
  ObjectId physical_id = 0;
  std::string name;
  // kRange: lower (inclusive) and upper (exclusive) bound, one value per partition column.
  PartitionTuple lower;
  PartitionTuple upper;
  // kList: the tuples of the partition.
  std::vector<PartitionTuple> values;
  int buckets = 0;          // resolved number, never 0
  int replication_num = 0;  // resolved like buckets
  int64_t created_ms = 0;   // Unix time
  bool temporary = false;
};

// What one value of a partition is computed from, where it isn't a column itself.
struct PartitionKey {
  DataType type;
  // DuckDB expression over physical names. Of date_trunc and time_slice: where the range begins
  // that a row belongs to.
  std::string sql;
  // kRange: the width of the ranges, "DAY" × 1.
  std::string unit;
  int count = 0;
};

struct PartitionScheme {
  PartitionKind kind = PartitionKind::kNone;
  std::vector<std::string> columns;
  // PARTITION BY date_trunc('day', dt) or PARTITION BY (a, b): partitions appear as rows need them.
  bool automatic = false;
  // The expressions as printed, for automatic ones: "date_trunc('day', dt)". Empty for column
  // lists.
  std::string expression;
  // kRange by date_trunc or time_slice: the one key. kList by expressions: one for each value of
  // the tuples. Empty: the tuples' values are those of `columns`.
  std::vector<PartitionKey> keys;
  // Buckets of partitions that loads make, resolved like PartitionDef::buckets.
  int new_buckets = 0;
};

enum class DistributionKind : uint8_t { kHash, kRandom };

struct Distribution {
  DistributionKind kind = DistributionKind::kHash;
  std::vector<std::string> columns;
  int buckets = 0;  // as stated; 0: chosen by the server, printed without BUCKETS
};

enum class IndexKind : uint8_t { kBitmap, kGin, kNgramBloomFilter, kVector };

struct IndexDef {
  ObjectId id = 0;
  std::string name;
  std::vector<std::string> columns;
  IndexKind kind = IndexKind::kBitmap;
  std::map<std::string, std::string> properties;
  std::string comment;
};

struct RollupColumn {
  std::string name;
  DataType type;
  bool is_key = false;
  bool nullable = true;
  AggregateKind aggregate = AggregateKind::kNone;
};

// A rollup or synchronous materialized view: only its definition; queries read the table itself.
struct RollupDef {
  ObjectId id = 0;
  std::string name;
  TableModel model = TableModel::kDuplicate;
  std::vector<RollupColumn> columns;
};

enum class TableKind : uint8_t { kTable, kView, kMaterializedView, kExternal };

struct RefreshScheme {
  enum class Moment : uint8_t { kImmediate, kDeferred };
  enum class Kind : uint8_t { kAsync, kManual, kIncremental };
  Moment moment = Moment::kImmediate;
  Kind kind = Kind::kAsync;
  std::string start;       // "2030-01-01 00:00:00" or empty
  int every = 0;           // 0: none
  std::string every_unit;  // "DAY"
};

// A table, view, materialized view or external table.
struct TableDef {
  ObjectId id = 0;
  ObjectId database_id = 0;
  std::string name;
  TableKind kind = TableKind::kTable;
  std::string comment;
  int64_t created_ms = 0;

  std::vector<ColumnDef> columns;  // in table order
  int32_t next_column_id = 1;
  int32_t schema_version = 0;
  ObjectId base_index_id = 0;

  // kTable, kMaterializedView:
  TableModel model = TableModel::kDuplicate;
  std::vector<std::string> key_columns;   // in order; a prefix of `columns`
  std::vector<std::string> sort_columns;  // ORDER BY as stated; empty: the key
  PartitionScheme partitioning;
  std::vector<PartitionDef> partitions;  // kNone: exactly one, named like the table
  Distribution distribution;
  std::vector<IndexDef> indexes;
  std::vector<RollupDef> rollups;
  // As SHOW CREATE TABLE prints them: sorted by key.
  std::map<std::string, std::string> properties;

  // kView, kMaterializedView:
  std::string query;           // expanded, as SHOW CREATE prints it
  std::string original_query;  // as written
  bool security_invoker = false;
  RefreshScheme refresh;
  bool active = true;

  // kExternal: "mysql", "hive", "jdbc", …; what it reads stands in `properties`.
  std::string engine;

  // Can be loaded and altered.
  bool is_table() const { return kind == TableKind::kTable; }
  bool is_external() const { return kind == TableKind::kExternal; }
  // Has rows of its own here.
  bool is_stored() const {
    return kind == TableKind::kTable || kind == TableKind::kMaterializedView;
  }
  std::string physical_name() const { return "t_" + std::to_string(id); }

  // Column names are compared without case.
  const ColumnDef* FindColumn(std::string_view name) const;
  ColumnDef* FindColumn(std::string_view name);
  const PartitionDef* FindPartition(std::string_view name) const;
  std::optional<size_t> ColumnPosition(std::string_view name) const;
  // Type of the i-th value of a range bound.
  const DataType& RangeType(size_t i) const;
};

using TablePtr = std::shared_ptr<const TableDef>;

struct DatabaseDef {
  ObjectId id = 0;
  std::string name;
  std::map<std::string, std::string> properties;
};
using DatabasePtr = std::shared_ptr<const DatabaseDef>;

// A name for something outside: a resource that external tables read through, or an external
// catalog. Kept and shown; nothing here ever connects to it.
struct ExternalDef {
  enum class Kind : uint8_t { kResource, kCatalog };
  ObjectId id = 0;
  Kind kind = Kind::kResource;
  std::string name;  // one name space per kind, case-sensitive
  std::string comment;
  std::map<std::string, std::string> properties;  // "type" among them; passwords as given

  std::string type() const {
    const auto found = properties.find("type");
    return found == properties.end() ? std::string() : found->second;
  }
};
using ExternalPtr = std::shared_ptr<const ExternalDef>;

std::string_view ModelName(TableModel model);        // "DUP_KEYS", "PRIMARY_KEYS"
std::string_view AggregateName(AggregateKind kind);  // "SUM"; "" for kNone

}  // namespace starlift::sandbox::catalog
