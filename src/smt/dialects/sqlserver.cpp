#include "smt/dialect.h"
#include "smt/dialects/sqlserver_types.h"

namespace starlift::smt {
namespace {

// Since 2.4.0 the connector knows no schema-name: the schema stands before the table.
void CompleteSqlserverSource(const FlinkSourceRequest& request, FlinkOptions& options) {
  constexpr FlinkCdcVersion kWithoutSchemaName{2, 4};
  if (request.form == Form::kCompat || request.version < kWithoutSchemaName) return;
  options.Remove("schema-name");
  options.Set("table-name", request.names().schema + "." + request.names().table);
}

}  // namespace

const Dialect& SqlserverDialect() {
  static const Dialect dialect = {
      .type = "sqlserver",
      .source_kind = "sqlserver",
      .title = "SQL Server",
      .has_schema = true,
      .defaults = true,
      .compat_is_primary =
          [](const Constraint& constraint) { return constraint.name.starts_with("PK__"); },
      .flink_connector = "sqlserver-cdc",
      .flink_names_are_patterns = true,
      .pipeline_type = "sqlserver",
      .external_engine = "jdbc",
      .jdbc_scheme = "jdbc:sqlserver",
      .jdbc_driver_class = "com.microsoft.sqlserver.jdbc.SQLServerDriver",
      .jdbc_database_prefix = ";databaseName=",
      .type_rule = MapSqlserverType,
      .complete_flink_source = CompleteSqlserverSource,
  };
  return dialect;
}

}  // namespace starlift::smt
