#include "smt/dialect.h"
#include "smt/dialects/hive_types.h"

namespace starlift::smt {
namespace {

Pairs HiveOptions(const DbConfig& db) { return {{"authentication", db.authentication}}; }

}  // namespace

const Dialect& HiveDialect() {
  static const Dialect dialect = {
      .type = "hive",
      .source_kind = "hive",
      .title = "Hive",
      .source_options = HiveOptions,
      .compat_column_comments = true,
      .compat_table_comments = true,
      .flink_reads_catalog = true,
      .external_engine = "hive",
      .type_rule = MapHiveType,
  };
  return dialect;
}

}  // namespace starlift::smt
