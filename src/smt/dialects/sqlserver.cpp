#include "smt/dialect.h"

namespace starlift::smt {

const Dialect& SqlserverDialect() {
  static const Dialect dialect = {
      .type = "sqlserver",
      .title = "SQL Server",
      .has_schema = true,
      .compat_defaults = true,
      .flink_connector = "sqlserver-cdc",
  };
  return dialect;
}

}  // namespace starlift::smt
