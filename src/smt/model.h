#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "data/table.h"
#include "smt/config/pattern.h"
#include "smt/type_rules.h"
#include "starrocks/table_model.h"

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

// A column as it is printed: in StarRocks, in Flink, in external tables. Points into the catalog
// and into Plan::types.
struct PlannedColumn {
  const Column* source = nullptr;
  const ColumnType* type = nullptr;
  bool nullable = true;  // at StarRocks; Flink has the source's
  starrocks::TargetDefaultKind default_kind = starrocks::TargetDefaultKind::kNone;
  std::string default_text;  // kLiteral, without quotes

  const std::string& name() const { return source->name; }
};

enum class Model { kPrimaryKey, kDuplicateKey, kAggregateKey };

struct PartitionPlan {
  std::string column;
  std::string ranges;     // START (…) END (…) EVERY (…), or what the user wrote
  std::string time_unit;  // "DAY", "MONTH", "YEAR"
};

// As the options of a Flink source table: names, or the patterns that its connector takes.
struct FlinkSourceNames {
  std::string database;
  std::string schema;
  std::string table;
};

// One table to be made at the target, from one source table or from several that are merged.
struct PlannedTable {
  const RuleConfig* rule = nullptr;
  size_t number_in_rule = 0;          // from 0
  std::vector<const Table*> sources;  // the first gives the columns; more than one: merged
  std::string database;               // at StarRocks
  std::string name;                   // at StarRocks
  // What fills Flink's sink. One, but for merged tables that no one source can read.
  std::vector<FlinkSourceNames> flink_sources;
  // The `database` and `table` of an external table.
  std::string external_database, external_table;

  std::vector<PlannedColumn> columns;  // as StarRocks has them: key columns first
  // The order in other files, indexes into columns; empty: the same.
  std::vector<size_t> external_order, flink_order;
  Model model = Model::kDuplicateKey;
  std::vector<std::string> key;  // of a DUPLICATE KEY, too
  std::vector<std::string> hash;
  // The user's own text for either, pasted as it is (kCompat); empty: by the names above.
  std::string key_text, hash_text;
  uint32_t buckets = 1;
  std::optional<PartitionPlan> partition;
  Pairs properties;
  bool column_comments = true;
  bool table_comment = true;

  bool merged() const { return sources.size() > 1; }
  const Table& source() const { return *sources.front(); }
  // The source's key, which Flink's tables declare; empty for a table without one.
  bool has_key() const { return model != Model::kDuplicateKey || keyed_duplicate; }
  bool keyed_duplicate = false;  // DUPLICATE KEY by the source's own key (Hive, ClickHouse)
};

// All that is to be printed, in the order in which it is printed, and what is to be said about it.
// Points into the Config and the Catalog that it was made from.
struct Plan {
  std::vector<PlannedTable> tables;  // by rule, then catalog order
  std::deque<ColumnType> types;      // what PlannedColumn points to; never moves
  // One line each: what differs from the original, what is lossy, what was left out.
  std::vector<std::string> notes;
};

}  // namespace starlift::smt
