#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sources/hive/options.h"

namespace starlift::hive {

// A HiveServer2 as it announces itself in ZooKeeper
// (hive.server2.support.dynamic.service.discovery): the node
// `serverUri=host:port;version=4.0.1;sequence=0000000000` below the namespace, which holds what a
// client must know of it: `hive.server2.authentication=LDAP;hive.server2.use.SSL=true;…`.
struct RegisteredServer {
  std::string host;
  uint16_t port = 0;
  std::vector<std::pair<std::string, std::string>> settings;  // none by servers that don't publish

  std::string_view Setting(std::string_view name) const;  // empty where it is not told
};

// nullopt for a node that is none of a server.
std::optional<RegisteredServer> ReadRegistration(std::string_view node, std::string_view content);

// How to log in to a server that was found: what it tells of itself, and the user of `asked`.
// kRefused where it wants a login that is not there yet (SAML, JWT).
Result<ConnectOptions> OptionsFor(const RegisteredServer& server, const ConnectOptions& asked);

// The servers of a namespace, in the order of their names. `ensemble`: "zk1:2181,zk2:2181". Errors:
// kUnreachable; kNotFound where nobody is registered.
Result<std::vector<RegisteredServer>> ListServers(const std::string& ensemble,
                                                  const std::string& name_space,
                                                  std::chrono::milliseconds timeout);

}  // namespace starlift::hive
