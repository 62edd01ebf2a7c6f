#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sources/clickhouse/options.h"
#include "wire/http/client.h"

namespace starlift::clickhouse {

// All cells are text; NULL is the empty text (no catalog query has both).
using Rows = std::vector<std::vector<std::string>>;

// One server over HTTP, one query after the other. Used by one thread.
class Session {
 public:
  // Asks for the server's version. Where the port turns out to be one of the native protocol, as
  // old configs have it, the HTTP port of the same server is tried instead: the one that it names,
  // or 8123 for 9000 and 8443 for 9440.
  static Result<Session> Open(const ConnectOptions& options);

  // kUnreachable; kRefused or kNotFound by the server's own error, whose number is native_code.
  Result<Rows> Query(const std::string& statement);

  const std::string& version() const { return version_; }  // "18.16.1"
  bool is_tls() const;
  // The port that is spoken to, which may not be the one that was asked for.
  uint16_t port() const { return options_.port; }

 private:
  Session(ConnectOptions options, wire::http::ClientConnection connection)
      : options_(std::move(options)), connection_(std::move(connection)) {}
  static Result<Session> OpenAt(const ConnectOptions& options);

  ConnectOptions options_;
  wire::http::ClientConnection connection_;
  std::string version_;
};

// '…' with backslash escapes.
std::string QuoteLiteral(std::string_view text);
std::string QuoteIdentifier(std::string_view name);

// The rows of FORMAT TabSeparated. kData if a row has another number of cells than the first.
Result<Rows> ParseTabSeparated(std::string_view body);

}  // namespace starlift::clickhouse
