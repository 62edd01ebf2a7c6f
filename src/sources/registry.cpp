#include "sources/mysql/mysql_source.h"
#include "sources/source.h"

namespace starlift {

Result<std::unique_ptr<Source>> OpenSource(const SourceConfig& config) {
  if (config.kind == "mysql" || config.kind == "mariadb") return mysql::OpenMysqlSource(config);
  return Error{ErrorKind::kUsage, "no source of kind '" + config.kind + "'", "source URL",
               "use mysql:// or mariadb://"};
}

}  // namespace starlift
