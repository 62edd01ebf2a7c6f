#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "sources/sqlserver/options.h"
#include "sources/text_rows.h"

struct tds_dblib_dbprocess;

namespace starlift::sqlserver {

// One connection over FreeTDS' db-lib, used by one thread. Errors: kUnreachable, kRefused,
// kNotFound; native_code is SQL Server's message number.
class Connection {
 public:
  static Result<Connection> Open(const ConnectOptions& options);

  // One batch, one round trip: the rows of each SELECT in it.
  Result<std::vector<TextRows>> Ask(const std::string& batch);

 private:
  struct Close {
    void operator()(tds_dblib_dbprocess* process) const;
  };
  explicit Connection(tds_dblib_dbprocess* process) : process_(process) {}

  std::unique_ptr<tds_dblib_dbprocess, Close> process_;
};

// N'…'
std::string QuoteLiteral(std::string_view text);
// […]
std::string QuoteIdentifier(std::string_view name);

}  // namespace starlift::sqlserver
