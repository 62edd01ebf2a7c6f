#include "sources/mysql/check.h"

namespace starlift::mysql {

Result<std::vector<Finding>> CheckMysqlSource(SourceSession&, const Catalog&, bool) {
  return std::vector<Finding>();
}

}  // namespace starlift::mysql
