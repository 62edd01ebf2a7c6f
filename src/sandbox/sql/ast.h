#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "sandbox/sql/token_reader.h"
#include "sandbox/sql/type_spec.h"

// Syntax trees of statements about schema objects: what was written, nothing looked up.
namespace starlift::sandbox::sql {

struct DefaultSpec {
  enum class Kind : uint8_t { kNone, kNull, kText, kCurrentTimestamp, kFunction };
  Kind kind = Kind::kNone;
  std::string text;  // kText: the value; kFunction: "uuid()"; kCurrentTimestamp: precision or empty
};

struct ColumnSpec {
  std::string name;
  std::optional<TypeSpec> type;
  bool key = false;
  std::string aggregate;         // upper case: "SUM"; empty where none is said
  bool aggregate_state = false;  // aggregate is a function over argument types
  std::optional<bool> nullable;
  bool auto_increment = false;
  DefaultSpec default_value;
  std::optional<TextRange> generated;
  std::optional<std::string> comment;
  Position begin;
  Position end;
};

struct IndexSpec {
  std::string name;
  std::vector<std::string> columns;
  std::string kind;  // upper case: "BITMAP"; empty where USING is left out
  Properties properties;
  std::string comment;
  Position begin;
  Position end;
};

enum class KeyWord : uint8_t { kDuplicate, kAggregate, kUnique, kPrimary };

struct KeySpec {
  KeyWord word = KeyWord::kDuplicate;
  std::vector<std::string> columns;
  Position begin;
  Position end;
};

struct PartitionValueSpec {
  enum class Kind : uint8_t { kText, kMaximum, kNull };
  Kind kind = Kind::kText;
  std::string text;
};
using PartitionTupleSpec = std::vector<PartitionValueSpec>;

struct PartitionSpec {
  enum class Kind : uint8_t { kLessThan, kBetween, kList, kMultiRange };
  Kind kind = Kind::kLessThan;
  bool if_not_exists = false;
  std::string name;                        // empty for kMultiRange
  PartitionTupleSpec lower;                // kBetween
  PartitionTupleSpec upper;                // kBetween, kLessThan
  bool less_than_maximum = false;          // LESS THAN MAXVALUE
  std::vector<PartitionTupleSpec> values;  // kList
  bool multi_item = false;                 // kList: ((…), (…))
  // kMultiRange: START ("…") END ("…") EVERY (INTERVAL n unit | n).
  std::string start;
  std::string stop;
  int64_t every = 0;
  std::string every_unit;  // empty: a plain number
  Properties properties;
  Position begin;
};

struct PartitionBySpec {
  enum class Kind : uint8_t { kRange, kList, kExpressions };
  Kind kind = Kind::kRange;
  std::vector<std::string> columns;    // kRange, kList
  std::vector<TextRange> expressions;  // kExpressions; RANGE over an expression has one
  bool parenthesised = false;
  std::vector<PartitionSpec> partitions;
  bool has_partition_list = false;
};

struct DistributionSpec {
  bool random = false;
  std::vector<std::string> columns;
  std::optional<int64_t> buckets;
  Position begin;
  Position end;
};

struct RollupSpec {
  std::string name;
  std::vector<std::string> columns;
  std::vector<std::string> duplicate_key;
  std::string from;
  Properties properties;
};

struct CreateTable {
  QualifiedName name;
  bool if_not_exists = false;
  bool external = false;
  bool temporary = false;
  std::vector<ColumnSpec> columns;
  std::vector<IndexSpec> indexes;
  std::string engine;
  std::optional<KeySpec> key;
  std::optional<std::string> comment;
  std::optional<PartitionBySpec> partition_by;
  std::optional<DistributionSpec> distribution;
  std::vector<std::string> order_by;
  std::vector<RollupSpec> rollups;
  Properties properties;
  std::optional<QualifiedName> like;
  std::optional<TextRange> query;          // AS SELECT …
  std::vector<std::string> query_columns;  // the names in CREATE TABLE t (a, b) AS …
};

struct DropTable {
  QualifiedName name;
  bool if_exists = false;
  bool force = false;
};

struct TruncateTable {
  QualifiedName name;
  std::vector<std::string> partitions;
};

struct RecoverObject {
  enum class Kind : uint8_t { kDatabase, kTable, kPartition };
  Kind kind = Kind::kTable;
  QualifiedName name;
  std::string partition;
};

struct CreateDatabase {
  QualifiedName name;
  bool if_not_exists = false;
  Properties properties;
};

struct DropDatabase {
  QualifiedName name;
  bool if_exists = false;
  bool force = false;
};

struct AlterDatabase {
  QualifiedName name;
  std::string rename_to;   // empty: a quota is set
  std::string quota_kind;  // "DATA" or "REPLICA"
  std::string quota;
};

struct ColumnPosition {
  bool first = false;
  std::string after;
};

// One clause of ALTER TABLE.
struct AlterClause {
  enum class Kind : uint8_t {
    kAddColumn,
    kAddColumns,
    kDropColumn,
    kModifyColumn,
    kModifyColumnComment,
    kRenameColumn,
    kOrderBy,
    kRename,
    kRenamePartition,
    kRenameRollup,
    kSwap,
    kComment,
    kSetProperties,
    kAddPartition,
    kDropPartition,
    kTruncatePartition,
    kReplacePartition,
    kModifyPartition,
    kAddRollup,
    kDropRollup,
    kAddIndex,
    kDropIndex,
    kOptimize,
    kCompact,
  };
  Kind kind = Kind::kAddColumn;
  Position begin;
  Position end;
  std::vector<ColumnSpec> columns;
  ColumnPosition position;
  std::string name;  // column, partition, rollup, index or table named
  std::string new_name;
  std::string rollup;  // TO/FROM/IN rollup
  std::vector<std::string> names;
  std::vector<std::string> other_names;
  std::string text;  // comment
  Properties properties;
  bool if_exists = false;
  bool force = false;
  bool temporary = false;
  std::vector<PartitionSpec> partitions;
  std::optional<DistributionSpec> distribution;
  std::optional<PartitionBySpec> partition_by;
  std::optional<KeySpec> key;
  std::vector<RollupSpec> rollups;
  std::vector<IndexSpec> indexes;
};

struct AlterTable {
  QualifiedName name;
  std::vector<AlterClause> clauses;
};

struct ViewColumn {
  std::string name;
  std::optional<std::string> comment;
};

struct CreateView {
  QualifiedName name;
  bool if_not_exists = false;
  bool or_replace = false;
  std::vector<ViewColumn> columns;
  std::optional<std::string> comment;
  bool security_invoker = false;
  TextRange query;
};

struct AlterView {
  QualifiedName name;
  std::vector<ViewColumn> columns;
  std::optional<TextRange> query;
  std::optional<bool> security_invoker;
};

struct DropView {
  QualifiedName name;
  bool if_exists = false;
  bool materialized = false;
};

struct RefreshSpec {
  bool deferred = false;
  std::string kind = "ASYNC";  // ASYNC, MANUAL, INCREMENTAL, SYNC
  std::string start;
  int64_t every = 0;
  std::string every_unit;
};

struct CreateMaterializedView {
  QualifiedName name;
  bool if_not_exists = false;
  std::vector<ViewColumn> columns;
  std::optional<std::string> comment;
  std::optional<RefreshSpec> refresh;
  std::vector<TextRange> partition_by;
  std::optional<DistributionSpec> distribution;
  std::vector<std::string> order_by;
  Properties properties;
  TextRange query;
};

struct AlterMaterializedView {
  enum class Kind : uint8_t { kRename, kRefresh, kSet, kActive, kInactive, kSwap };
  QualifiedName name;
  Kind kind = Kind::kRename;
  std::string new_name;
  RefreshSpec refresh;
  Properties properties;
};

struct RefreshMaterializedView {
  QualifiedName name;
  bool cancel = false;
};

// CREATE INDEX and DROP INDEX become these ALTER TABLE clauses.

struct CancelAlter {
  enum class Kind : uint8_t { kColumn, kRollup, kOptimize, kMaterializedView };
  Kind kind = Kind::kColumn;
  QualifiedName name;
};

// A condition of SHOW … WHERE: kept as text and evaluated over the rows that come out.
struct ShowFilter {
  std::optional<std::string> like;
  std::optional<TextRange> where;
  std::optional<TextRange> order_by;
  std::optional<int64_t> limit;
  int64_t offset = 0;
};

struct ShowObjects {
  enum class Kind : uint8_t {
    kDatabases,
    kTables,
    kViews,
    kMaterializedViews,
    kTableStatus,
    kColumns,
    kIndexes,
    kPartitions,
    kTemporaryPartitions,
    kCreateDatabase,
    kCreateTable,
    kCreateView,
    kCreateMaterializedView,
    kAlterColumn,
    kAlterRollup,
    kAlterOptimize,
    kAlterMaterializedView,
    kData,
    kTablets,
    kDynamicPartitionTables,
    kDescribe,
  };
  Kind kind = Kind::kTables;
  bool full = false;
  bool all = false;               // DESC t ALL
  std::optional<int64_t> tablet;  // SHOW TABLET n
  std::optional<QualifiedName> table;
  std::optional<QualifiedName> database;
  ShowFilter filter;
};

using Statement =
    std::variant<CreateTable, DropTable, TruncateTable, RecoverObject, CreateDatabase, DropDatabase,
                 AlterDatabase, AlterTable, CreateView, AlterView, DropView, CreateMaterializedView,
                 AlterMaterializedView, RefreshMaterializedView, CancelAlter, ShowObjects>;

}  // namespace starlift::sandbox::sql
