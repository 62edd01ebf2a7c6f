#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "sources/oracle/options.h"
#include "sources/text_rows.h"

struct dpiConn;

namespace starlift::oracle {

// One connection through ODPI-C, used by one thread. Oracle's client library is loaded at the first
// connection of the process; where there is none, Open is kCheck and says how to get it. Errors:
// kUnreachable, kRefused, kNotFound; native_code is the ORA- number.
class Connection {
 public:
  static Result<Connection> Open(const ConnectOptions& options);

  // One query; the answer has one element.
  Result<std::vector<TextRows>> Ask(const std::string& query);

 private:
  struct Release {
    void operator()(dpiConn* connection) const;
  };
  explicit Connection(dpiConn* connection) : connection_(connection) {}

  std::unique_ptr<dpiConn, Release> connection_;
};

}  // namespace starlift::oracle
