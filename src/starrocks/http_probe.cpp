#include "starrocks/http_probe.h"

#include <array>

namespace starlift::starrocks {
namespace {

using wire::http::ClientConnection;
using wire::http::ClientRequest;
using wire::http::ClientResponse;

Result<ClientConnection> Open(const TargetConfig& config, const Endpoint& endpoint) {
  const wire::http::ClientTimeouts timeouts{.connect = config.connect_timeout,
                                            .continue_wait = config.connect_timeout,
                                            .write = config.connect_timeout,
                                            .response = config.connect_timeout};
  return ClientConnection::Open(endpoint.host, endpoint.port, config.http_tls, timeouts);
}

}  // namespace

Result<ClientResponse> ProbeGet(const TargetConfig& config, const Endpoint& endpoint,
                                std::string_view target) {
  SL_ASSIGN(ClientConnection connection, Open(config, endpoint));
  return connection.Exchange(ClientRequest{.method = "GET", .target = target});
}

Result<ClientResponse> ProbeRedirect(const TargetConfig& config, const Endpoint& endpoint) {
  SL_ASSIGN(ClientConnection connection, Open(config, endpoint));
  const std::array<std::pair<std::string, std::string>, 2> headers = {{
      {"Authorization", wire::http::BasicAuthorization(config.user, config.password)},
      {"label", "sl_check"},
  }};
  static constexpr std::array<std::string_view, 1> kNeverSent = {"\n"};
  return connection.Exchange(
      ClientRequest{.method = "PUT",
                    .target = "/api/starlift_check/starlift_check/_stream_load",
                    .headers = headers,
                    .body = kNeverSent,
                    .expect_continue = true});
}

Endpoint MapEndpoint(const TargetConfig& config, const Endpoint& endpoint) {
  for (const auto& [from, to] : config.host_mapping) {
    if (from != endpoint.host && from != endpoint.ToString()) continue;
    Result<std::vector<Endpoint>> mapped = ParseEndpoints(to, endpoint.port);
    if (mapped.ok()) return mapped->front();
  }
  return endpoint;
}

}  // namespace starlift::starrocks
