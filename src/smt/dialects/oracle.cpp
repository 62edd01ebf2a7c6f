#include "smt/dialect.h"

namespace starlift::smt {

const Dialect& OracleDialect() {
  static const Dialect dialect = {
      .type = "oracle",
      .title = "Oracle",
      .has_schema = true,
      .literal_database = true,
      .compat_table_comments = true,
      .flink_connector = "oracle-cdc",
      .pipeline_type = "oracle",
  };
  return dialect;
}

}  // namespace starlift::smt
