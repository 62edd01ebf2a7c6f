#include "smt/dialect.h"

namespace starlift::smt {

const Dialect& ClickhouseDialect() {
  static const Dialect dialect = {
      .type = "clickhouse",
      .title = "ClickHouse",
      .defaults = true,
      .compat_column_comments = true,
      .compat_table_comments = true,
  };
  return dialect;
}

}  // namespace starlift::smt
