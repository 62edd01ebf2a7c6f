#include <string_view>

#include "smt/dialect.h"
#include "smt/dialects/clickhouse_types.h"

namespace starlift::smt {
namespace {

// Of a table with a key, by its engine: only Replacing engines keep the sorting key unique, Summing
// ones add rows of one key up, all others just sort.
Model ModelOf(const Table& table) {
  const std::string_view engine = table.engine;
  if (engine.ends_with("ReplacingMergeTree")) return Model::kPrimaryKey;
  if (engine.ends_with("SummingMergeTree")) return Model::kAggregateKey;
  return Model::kDuplicateKey;
}

}  // namespace

const Dialect& ClickhouseDialect() {
  static const Dialect dialect = {
      .type = "clickhouse",
      .source_kind = "clickhouse",
      .title = "ClickHouse",
      .defaults = true,
      .compat_column_comments = true,
      .compat_table_comments = true,
      .model = ModelOf,
      .type_rule = MapClickhouseType,
  };
  return dialect;
}

}  // namespace starlift::smt
