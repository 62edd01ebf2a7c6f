#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "data/table.h"
#include "smt/config/pattern.h"
#include "smt/type_rules.h"

namespace starlift::smt {

// Names and values in the order in which they were given.
using Pairs = std::vector<std::pair<std::string, std::string>>;

// [db]
struct DbConfig {
  std::string host;
  uint16_t port = 0;
  std::string user;
  std::string password;
  std::string type;            // "mysql", "pgsql", …
  std::string authentication;  // Hive
  std::string sslmode;         // PostgreSQL, optional
};

// [other]
struct OtherConfig {
  uint32_t be_num = 0;
  bool use_decimal_v3 = true;
  std::string output_dir;  // as written; empty: ./result
};

// [table-rule.N]
struct RuleConfig {
  std::string name;  // N: names the rule's files
  int line = 0;      // of the section's head
  Pattern database;
  Pattern schema;
  Pattern table;
  std::string partition_key;
  std::string partitions;
  std::string duplicate_keys;  // as written, to be pasted between parentheses
  std::string distributed_by;  // likewise
  uint32_t bucket_num = 0;     // 0: by the formula
  Pairs properties;            // properties.X
  Pairs external_properties;   // external.properties.X
  Pairs flink_starrocks;       // flink.starrocks.X: of the sink
  Pairs flink_cdc;             // flink.cdc.X: of the source
};

// What config_prod.conf says, checked as a whole. Plain data; holds passwords.
struct Config {
  std::string path;
  DbConfig db;
  OtherConfig other;
  std::vector<RuleConfig> rules;  // in file order
};

// A column as it is printed: in StarRocks, in Flink, in external tables.
struct PlannedColumn {
  std::string name;
  std::string native_type;
  ColumnType type;
  bool nullable = true;                        // at StarRocks
  bool source_nullable = true;                 // in Flink
  std::optional<std::string> default_literal;  // unquoted
  std::string comment;
};

enum class Model { kPrimaryKey, kDuplicateKey, kAggregateKey };

struct PartitionPlan {
  std::string column;
  std::string ranges;     // START (…) END (…) EVERY (…), or what the user wrote
  std::string time_unit;  // "DAY", "MONTH", "YEAR"; empty: no dynamic partitions
};

// One table to be made at the target, from one source table or from several that are merged.
struct PlannedTable {
  const RuleConfig* rule = nullptr;
  std::vector<TableId> sources;  // more than one: merged
  bool merged = false;
  std::string database;         // at StarRocks
  std::string name;             // at StarRocks
  std::string source_database;  // as Flink's source option: a name, or a rule's pattern if merged
  std::string source_schema;
  std::string source_table;
  std::string external_table;  // name inside the external database

  std::vector<PlannedColumn> columns;  // keys first
  std::vector<size_t> external_order;  // of the external table, indexes into columns
  std::vector<size_t> flink_order;     // of the Flink tables
  Model model = Model::kDuplicateKey;
  std::vector<std::string> key;   // column names; of a DUPLICATE KEY, too
  std::string duplicate_keys;     // the user's text instead
  std::vector<std::string> hash;  // column names
  std::string distributed_by;     // the user's text instead
  uint32_t buckets = 1;
  std::optional<PartitionPlan> partition;
  Pairs properties;
  std::string comment;
};

// All that is to be printed, in the order in which it is printed, and what is to be said about it.
struct Plan {
  std::vector<PlannedTable> tables;  // by rule, then catalog order
  // One line each: what differs from the original, what is lossy, what was left out.
  std::vector<std::string> notes;
};

}  // namespace starlift::smt
