#include "smt/dialect.h"

namespace starlift::smt {

const Dialect& SqlserverDialect() {
  static const Dialect dialect = {
      .type = "sqlserver",
      .title = "SQL Server",
      .has_schema = true,
      .defaults = true,
      .compat_is_primary =
          [](const Constraint& constraint) { return constraint.name.starts_with("PK__"); },
      .flink_connector = "sqlserver-cdc",
      .pipeline_type = "sqlserver",
  };
  return dialect;
}

}  // namespace starlift::smt
