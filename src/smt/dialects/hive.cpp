#include "smt/dialect.h"

namespace starlift::smt {

const Dialect& HiveDialect() {
  static const Dialect dialect = {
      .type = "hive",
      .title = "Hive",
      .compat_column_comments = true,
      .compat_table_comments = true,
      .flink_reads_catalog = true,
      .external_engine = "hive",
  };
  return dialect;
}

}  // namespace starlift::smt
