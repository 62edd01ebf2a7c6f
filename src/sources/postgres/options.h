#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>

#include "base/option.h"
#include "base/result.h"
#include "sources/source.h"

namespace starlift::postgres {

// Where and how to log in. Holds the password; never printed.
struct ConnectOptions {
  std::string host;
  uint16_t port = 5432;
  std::string user;
  std::string password;
  std::string sslmode = "prefer";
  std::string sslrootcert;
  std::string sslcert;
  std::string sslkey;
  std::chrono::milliseconds connect_timeout{10'000};
};

// What may follow `?` in a postgres:// URL; the names are libpq's.
std::span<const OptionDeclaration> SourceOptions();

Result<ConnectOptions> ReadSourceOptions(const SourceConfig& config);

}  // namespace starlift::postgres
