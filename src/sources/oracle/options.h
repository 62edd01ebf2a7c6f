#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "base/option.h"
#include "base/result.h"
#include "sources/source.h"

namespace starlift::oracle {

// Where and how to log in. Holds the password; never printed.
struct ConnectOptions {
  std::string host;
  uint16_t port = 1521;
  std::string user;
  std::string password;
  std::string service;     // service name, of a pluggable database mostly
  std::string sid;         // instead of a service name, for old servers
  std::string client_dir;  // folder of Oracle's client library; empty: where the loader finds it

  // What the tables' database is called.
  const std::string& database() const { return service.empty() ? sid : service; }
};

// What may follow `?` in an oracle:// URL.
std::span<const OptionDeclaration> SourceOptions();

// kUsage unless a service or a SID is named, and not both, by a name that Oracle could have.
Result<ConnectOptions> ReadSourceOptions(const SourceConfig& config);

// Easy Connect for a service (`//host:port/service`, in which the service may bear `:dedicated` and
// `/instance`), a descriptor for a SID, which Easy Connect doesn't know. Oracle Net Services
// Administrator's Guide, "Easy Connect Naming Method".
std::string ConnectString(const ConnectOptions& options);

}  // namespace starlift::oracle
