#include "sources/clickhouse/clickhouse_source.h"
#include "sources/hive/hive_source.h"
#include "sources/mysql/mysql_source.h"
#include "sources/mysql/tidb/tidb_source.h"
#include "sources/oracle/oracle_source.h"
#include "sources/postgres/postgres_source.h"
#include "sources/source.h"
#include "sources/sqlserver/sqlserver_source.h"

namespace starlift {

Result<std::unique_ptr<Source>> OpenSource(const SourceConfig& config) {
  if (config.kind == "mysql" || config.kind == "mariadb") return mysql::OpenMysqlSource(config);
  if (config.kind == "tidb") return mysql::OpenTidbSource(config);
  if (config.kind == "postgres" || config.kind == "postgresql") {
    return postgres::OpenPostgresSource(config);
  }
  if (config.kind == "clickhouse") return clickhouse::OpenClickhouseSource(config);
  if (config.kind == "sqlserver") return sqlserver::OpenSqlserverSource(config);
  if (config.kind == "oracle") return oracle::OpenOracleSource(config);
  if (config.kind == "hive") return hive::OpenHiveSource(config);
  return Error{ErrorKind::kUsage, "no source of kind '" + config.kind + "'", "source URL",
               "use mysql://, mariadb://, tidb://, postgres://, clickhouse://, sqlserver://, "
               "oracle:// or hive://"};
}

}  // namespace starlift
