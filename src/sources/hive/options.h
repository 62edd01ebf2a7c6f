#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>

#include "base/option.h"
#include "base/result.h"
#include "sources/source.h"
#include "wire/socket.h"

namespace starlift::hive {

// How a client says who it is (hive.server2.authentication).
enum class Authentication {
  kNone,      // SASL PLAIN, any password
  kNoSasl,    // nothing at all
  kLdap,      // SASL PLAIN
  kKerberos,  // SASL GSSAPI, by the ticket cache
};

enum class Transport { kBinary, kHttp };

// Where and how to log in. Holds the password; never printed.
struct ConnectOptions {
  std::string host;
  uint16_t port = 10000;
  std::string user;  // kKerberos: the server's principal without its realm, "hive/hs2.example"
  std::string password;
  Authentication authentication = Authentication::kNone;
  Transport transport = Transport::kBinary;
  std::string http_path = "cliservice";
  // A ZooKeeper ensemble that tells of the servers, instead of host and port: "zk1:2181,zk2:2181".
  std::string ensemble;
  std::string zookeeper_namespace = "hiveserver2";
  wire::TlsOptions tls{.mode = wire::TlsMode::kDisabled};
  std::chrono::milliseconds connect_timeout{10'000};
};

// What may follow `?` in a hive:// URL.
std::span<const OptionDeclaration> SourceOptions();

Result<ConnectOptions> ReadSourceOptions(const SourceConfig& config);

}  // namespace starlift::hive
