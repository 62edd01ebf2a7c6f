#include "smt/dialect.h"
#include "smt/dialects/mysql_types.h"

namespace starlift::smt {

const Dialect& TidbDialect() {
  static const Dialect dialect = {
      .type = "tidb",
      .title = "TiDB",
      .merge_compares_types = true,
      .defaults = true,
      .compat_column_comments = true,
      .compat_table_comments = true,
      .flink_connector = "tidb-cdc",
      .flink_login = false,
      .external_engine = "mysql",
      .jdbc_scheme = "jdbc:mysql",
      .jdbc_driver_class = "com.mysql.cj.jdbc.Driver",
      .type_rule = MapMysqlType,
  };
  return dialect;
}

}  // namespace starlift::smt
