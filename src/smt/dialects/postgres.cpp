#include "smt/dialect.h"

namespace starlift::smt {

const Dialect& PostgresDialect() {
  static const Dialect dialect = {
      .type = "pgsql",
      .title = "PostgreSQL",
      .has_schema = true,
      .flink_connector = "postgres-cdc",
  };
  return dialect;
}

}  // namespace starlift::smt
