#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>

#include "base/option.h"
#include "base/result.h"
#include "sources/source.h"
#include "wire/socket.h"

namespace starlift::clickhouse {

// Where and how to log in. Holds the password; never printed.
struct ConnectOptions {
  std::string host;
  uint16_t port = 8123;
  std::string user;
  std::string password;
  wire::TlsOptions tls{.mode = wire::TlsMode::kDisabled};
  std::chrono::milliseconds connect_timeout{10'000};
};

// What may follow `?` in a clickhouse:// URL.
std::span<const OptionDeclaration> SourceOptions();

Result<ConnectOptions> ReadSourceOptions(const SourceConfig& config);

}  // namespace starlift::clickhouse
