#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/option.h"
#include "base/result.h"
#include "wire/socket.h"

namespace starlift::starrocks {

struct Endpoint {
  std::string host;
  uint16_t port = 0;

  bool operator==(const Endpoint&) const = default;
  // "host:port", an IPv6 address in brackets.
  std::string ToString() const;
};

inline constexpr uint16_t kDefaultQueryPort = 9030;
inline constexpr uint16_t kDefaultHttpPort = 8030;
inline constexpr uint16_t kDefaultBackendHttpPort = 8040;

// What the user gave as the target, parsed and with secrets resolved. Plain data.
struct TargetConfig {
  // Frontends' query ports. Tried in order; the first that answers is used.
  std::vector<Endpoint> query_endpoints;
  // Frontends' HTTP ports: where loads begin. Empty before CompleteTargetConfig.
  std::vector<Endpoint> http_endpoints;
  // Backends' HTTP ports. Given, loads go straight to these, in turn, and no frontend redirects.
  std::vector<Endpoint> backend_endpoints;
  // Where a redirect's host (or host:port) is really reached: backends behind NAT or in containers.
  std::vector<std::pair<std::string, std::string>> host_mapping;

  std::string user;
  std::string password;
  std::string database;  // empty: the source's names

  wire::TlsOptions query_tls;
  // kDisabled: http. Anything else: https to the frontends.
  wire::TlsOptions http_tls = {.mode = wire::TlsMode::kDisabled};

  // 0: decided by the number of live backends.
  uint32_t replication_num = 0;
  std::chrono::milliseconds connect_timeout{10'000};
  // How long the server may take over one load (header `timeout`), and we wait for its answer.
  std::chrono::seconds load_timeout{600};
};

// What may follow `?` in a starrocks:// URL or stand under `target:` in a task file.
std::span<const OptionDeclaration> TargetOptions();

// Sets one of them; `_` may stand for `-`. kUsage for an unknown name (with the nearest known one)
// or an impossible value.
Status SetTargetOption(std::string_view name, std::string_view value, TargetConfig& config);

// "host", "host:port", "[v6]:port", several with commas.
Result<std::vector<Endpoint>> ParseEndpoints(std::string_view text, uint16_t default_port);

// Fills what follows from the rest: HTTP endpoints are the query hosts at `http_port`, by default
// 8030. kUsage if no host or no user is there. Call once, after all options are set.
Status CompleteTargetConfig(TargetConfig& config);

}  // namespace starlift::starrocks
