#include "smt/dialect.h"

namespace starlift::smt {

const Dialect& PostgresDialect() {
  static const Dialect dialect = {
      .type = "pgsql",
      .title = "PostgreSQL",
      .has_schema = true,
      .compat_is_primary =
          [](const Constraint& constraint) { return constraint.name.ends_with("_pkey"); },
      .flink_connector = "postgres-cdc",
  };
  return dialect;
}

}  // namespace starlift::smt
