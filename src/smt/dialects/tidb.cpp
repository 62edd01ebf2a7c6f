#include "smt/dialect.h"
#include "smt/dialects/mysql_types.h"

namespace starlift::smt {
namespace {

// The server says where its placement drivers are, from version 4.0 on; before, the user does.
void CompleteTidbSource(const FlinkSourceRequest& request, FlinkOptions& options) {
  for (const auto& [name, value] : request.facts.server) {
    if (name == "pd-addresses") options.SetDefault(name, value);
  }
}

}  // namespace

const Dialect& TidbDialect() {
  static const Dialect dialect = {
      .type = "tidb",
      .source_kind = "tidb",
      .title = "TiDB",
      .merge_compares_types = true,
      .defaults = true,
      .compat_column_comments = true,
      .compat_table_comments = true,
      .flink_connector = "tidb-cdc",
      .flink_reads_one_table = true,
      .flink_required_option = "pd-addresses",
      .flink_required_example = "<host of a placement driver>:2379",
      .flink_login = false,
      .external_engine = "mysql",
      .jdbc_scheme = "jdbc:mysql",
      .jdbc_driver_class = "com.mysql.cj.jdbc.Driver",
      .type_rule = MapTidbType,
      .complete_flink_source = CompleteTidbSource,
  };
  return dialect;
}

}  // namespace starlift::smt
