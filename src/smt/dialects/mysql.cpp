#include "smt/dialect.h"
#include "smt/dialects/mysql_types.h"

namespace starlift::smt {

const Dialect& MysqlDialect() {
  static const Dialect dialect = {
      .type = "mysql",
      .source_kind = "mysql",
      .title = "MySQL",
      .merge_compares_types = true,
      .compat_defaults = true,
      .compat_column_comments = true,
      .flink_connector = "mysql-cdc",
      .external_engine = "mysql",
      .type_rule = MapMysqlType,
  };
  return dialect;
}

}  // namespace starlift::smt
