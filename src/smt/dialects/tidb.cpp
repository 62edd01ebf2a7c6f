#include "smt/dialect.h"
#include "smt/dialects/mysql_types.h"

namespace starlift::smt {

const Dialect& TidbDialect() {
  static const Dialect dialect = {
      .type = "tidb",
      .title = "TiDB",
      .merge_compares_types = true,
      .compat_defaults = true,
      .compat_column_comments = true,
      .flink_connector = "tidb-cdc",
      .external_engine = "mysql",
      .type_rule = MapMysqlType,
  };
  return dialect;
}

}  // namespace starlift::smt
