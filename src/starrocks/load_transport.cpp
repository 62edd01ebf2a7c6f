#include "starrocks/load_transport.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <set>

#include <fmt/format.h>

#include "starrocks/http_probe.h"
#include "wire/http/server.h"

namespace starlift::starrocks {

using wire::http::ClientConnection;
using wire::http::ClientRequest;
using wire::http::ClientTimeouts;
using wire::http::Url;

namespace {

// A follower frontend, its leader, a backend; more is a loop.
constexpr int kMaxRedirects = 4;
constexpr size_t kMaxIdleConnections = 64;
// A frontend answers headers at once, a backend after planning the load.
constexpr std::chrono::milliseconds kMostContinueWait{60'000};
// The server gives up on its own first, and its answer is worth more than our silence.
constexpr std::chrono::milliseconds kAnswerGrace{30'000};

// Frontends give the path back with its percent-encoding taken off (seen on 3.5.0), so that a name
// with a blank or "#" would break the next request. Where it is the path that we asked for, ours
// is kept.
std::string RedirectTarget(const std::string& ours, std::string_view location,
                           const std::string& theirs) {
  if (wire::http::PercentDecode(location).ends_with(wire::http::PercentDecode(ours))) return ours;
  std::string encoded;
  for (const char c : theirs) {
    const auto byte = static_cast<unsigned char>(c);
    encoded += byte <= 0x20 || byte >= 0x7F ? wire::http::PercentEncode(std::string_view(&c, 1))
                                            : std::string(1, c);
  }
  return encoded;
}

}  // namespace

bool TransportAnswer::may_have_happened(const TransportRequest& request) const {
  if (!connected) return false;
  if (!request.expect_continue) return progress.headers_sent;
  uint64_t body_bytes = 0;
  for (const std::string_view piece : request.body) body_bytes += piece.size();
  // Without its whole body a load can't be committed.
  return progress.continued && progress.body_bytes >= body_bytes;
}

struct LoadTransport::State {
  TargetConfig config;
  std::string authorization;
  std::atomic<size_t> next_frontend{0};
  std::atomic<size_t> next_backend{0};
  std::atomic<bool> interrupted{false};

  struct Idle {
    Endpoint endpoint;
    bool tls;
    ClientConnection connection;
  };
  std::mutex mutex;
  std::vector<Idle> idle;
  std::set<ClientConnection*> in_flight;

  std::optional<ClientConnection> TakeIdle(const Endpoint& endpoint, bool tls) {
    std::lock_guard lock(mutex);
    const auto found = std::find_if(idle.begin(), idle.end(), [&](const Idle& one) {
      return one.endpoint == endpoint && one.tls == tls;
    });
    if (found == idle.end()) return std::nullopt;
    ClientConnection connection = std::move(found->connection);
    idle.erase(found);
    if (!connection.reusable()) return std::nullopt;
    return connection;
  }

  void Keep(const Endpoint& endpoint, bool tls, ClientConnection connection) {
    std::lock_guard lock(mutex);
    if (idle.size() >= kMaxIdleConnections) idle.erase(idle.begin());
    idle.push_back(Idle{endpoint, tls, std::move(connection)});
  }

  Result<ClientConnection> Open(const Endpoint& endpoint, bool tls,
                                std::chrono::milliseconds patience) const {
    const ClientTimeouts timeouts{.connect = config.connect_timeout,
                                  .continue_wait = std::min(patience, kMostContinueWait),
                                  .write = patience,
                                  .response = patience + kAnswerGrace};
    wire::TlsOptions options = config.http_tls;
    if (!tls) options.mode = wire::TlsMode::kDisabled;
    return ClientConnection::Open(endpoint.host, endpoint.port, options, timeouts);
  }

  bool BeginFlight(ClientConnection& connection) {
    std::lock_guard lock(mutex);
    if (!interrupted) in_flight.insert(&connection);
    return !interrupted;
  }
  void EndFlight(ClientConnection& connection) {
    std::lock_guard lock(mutex);
    in_flight.erase(&connection);
  }

  TransportAnswer Exchange(ClientConnection connection, const Endpoint& endpoint, bool tls,
                           const std::string& target, const TransportRequest& request) {
    TransportAnswer answer{
        .response = Error{.kind = ErrorKind::kCancelled, .message = "the load was interrupted"},
        .connected = true,
        .endpoint = endpoint};
    if (!BeginFlight(connection)) return answer;
    answer.response = connection.Exchange(ClientRequest{.method = request.method,
                                                        .target = target,
                                                        .headers = request.headers,
                                                        .body = request.body,
                                                        .expect_continue = request.expect_continue},
                                          &answer.progress);
    EndFlight(connection);
    if (!answer.response.ok()) {
      answer.response =
          std::move(answer.response.error()).At(fmt::format("target {}", endpoint.ToString()));
    } else if (connection.reusable()) {
      Keep(endpoint, tls, std::move(connection));
    }
    return answer;
  }

  TransportAnswer AskOne(const Endpoint& endpoint, bool tls, const std::string& target,
                         const TransportRequest& request) {
    if (auto kept = TakeIdle(endpoint, tls)) {
      TransportAnswer answer = Exchange(std::move(*kept), endpoint, tls, target, request);
      // A server may close a kept connection just when it is used again.
      const bool harmless = request.repeatable || !answer.may_have_happened(request);
      if (answer.response.ok() || !harmless || interrupted) return answer;
    }
    Result<ClientConnection> opened = Open(endpoint, tls, request.patience);
    if (opened.ok()) {
      return Exchange(std::move(opened).value(), endpoint, tls, target, request);
    }
    return TransportAnswer{.response = std::move(opened).error(), .endpoint = endpoint};
  }

  TransportAnswer Follow(Endpoint endpoint, bool tls, std::string target,
                         const TransportRequest& request) {
    for (int redirects = 0;; ++redirects) {
      TransportAnswer answer = AskOne(endpoint, tls, target, request);
      answer.redirects = redirects;
      const bool redirected = answer.response.ok() && answer.response->status == 307;
      if (!redirected || redirects == kMaxRedirects) return answer;
      const std::string location_text(answer.response->Find("Location"));
      const Result<Url> location = wire::http::ParseUrl(location_text);
      if (!location.ok()) return answer;
      endpoint = MapEndpoint(config, Endpoint{.host = location->host, .port = location->port});
      tls = location->scheme == "https";
      target = RedirectTarget(target, location_text, location->target);
    }
  }

  TransportAnswer AskInTurn(const std::vector<Endpoint>& endpoints, size_t first, bool tls,
                            const TransportRequest& request, std::atomic<size_t>* worked) {
    TransportAnswer answer{
        .response = Error{.kind = ErrorKind::kUsage, .message = "the target has no HTTP endpoint"}};
    for (size_t attempt = 0; attempt < endpoints.size() && !interrupted; ++attempt) {
      const size_t chosen = (first + attempt) % endpoints.size();
      answer = Follow(endpoints[chosen], tls, request.path, request);
      // Who could not answer itself is asked last the next time.
      const bool silent = !answer.response.ok() && answer.redirects == 0;
      if (worked != nullptr) *worked = silent ? chosen + 1 : chosen;
      if (!silent || (!request.repeatable && answer.may_have_happened(request))) return answer;
    }
    return answer;
  }
};

LoadTransport::LoadTransport(TargetConfig config) : state_(std::make_unique<State>()) {
  state_->authorization = wire::http::BasicAuthorization(config.user, config.password);
  state_->config = std::move(config);
}

LoadTransport::~LoadTransport() = default;

TransportAnswer LoadTransport::AskFrontends(const TransportRequest& request) {
  TransportRequest authorized = request;
  authorized.headers.emplace_back("Authorization", state_->authorization);
  const bool tls = state_->config.http_tls.mode != wire::TlsMode::kDisabled;
  return state_->AskInTurn(state_->config.http_endpoints, state_->next_frontend, tls, authorized,
                           &state_->next_frontend);
}

TransportAnswer LoadTransport::AskBackends(const TransportRequest& request) {
  TransportRequest authorized = request;
  authorized.headers.emplace_back("Authorization", state_->authorization);
  return state_->AskInTurn(state_->config.backend_endpoints, state_->next_backend.fetch_add(1),
                           /*tls=*/false, authorized, nullptr);
}

TransportAnswer LoadTransport::AskUrl(const Url& url, TransportRequest request) {
  request.headers.emplace_back("Authorization", state_->authorization);
  const Endpoint endpoint =
      MapEndpoint(state_->config, Endpoint{.host = url.host, .port = url.port});
  return state_->Follow(endpoint, url.scheme == "https", url.target, request);
}

const TargetConfig& LoadTransport::config() const { return state_->config; }

void LoadTransport::Interrupt() {
  std::lock_guard lock(state_->mutex);
  state_->interrupted = true;
  for (ClientConnection* connection : state_->in_flight) connection->Shutdown();
}

}  // namespace starlift::starrocks
