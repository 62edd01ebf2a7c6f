#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>

#include "base/option.h"
#include "base/result.h"
#include "sources/source.h"

namespace starlift::sqlserver {

enum class Encryption {
  kOff,      // not even the login
  kRequest,  // as much as the server wants, and the login where it can
  kRequire,  // all, or no connection
};

// Where and how to log in. Holds the password; never printed.
struct ConnectOptions {
  std::string host;
  uint16_t port = 1433;
  std::string instance;  // a named instance, whose port the server's browser service tells
  std::string user;
  std::string password;
  std::string database;  // empty: the login's own
  Encryption encryption = Encryption::kRequest;
  std::string ca_file;  // PEM; empty: any certificate will do
  std::chrono::milliseconds connect_timeout{10'000};
};

// What may follow `?` in a sqlserver:// URL.
std::span<const OptionDeclaration> SourceOptions();

Result<ConnectOptions> ReadSourceOptions(const SourceConfig& config);

// "SQL Server at db.example:1433", "SQL Server at db.example\\SALES"
std::string Place(const ConnectOptions& options);

// The connection as a section [starlift] of a freetds.conf: db-lib takes TLS and named instances in
// no other way. kUsage for names that such a file can't hold.
Result<std::string> FreetdsConfig(const ConnectOptions& options);

}  // namespace starlift::sqlserver
