#include "starrocks/stream_load.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "starrocks/body_compression.h"
#include "starrocks/encoder.h"
#include "starrocks/http_probe.h"
#include "starrocks/load_answer.h"
#include "starrocks/load_classification.h"
#include "wire/http/client.h"

namespace starlift::starrocks {

using wire::http::ClientConnection;
using wire::http::ClientRequest;
using wire::http::ClientResponse;
using wire::http::ExchangeProgress;
using wire::http::Url;
using Headers = std::vector<std::pair<std::string, std::string>>;

namespace {

// A follower frontend, its leader, a backend; more is a loop.
constexpr int kMaxRedirects = 4;
constexpr size_t kMaxIdleConnections = 64;

std::string LoadPath(std::string_view database, std::string_view table) {
  return fmt::format("/api/{}/{}/_stream_load", wire::http::PercentEncode(database),
                     wire::http::PercentEncode(table));
}

// What every load says, whatever its table.
Headers DataHeaders(const LoadRequest& request) {
  Headers headers = {
      {"label", std::string(request.label)},
      {"strict_mode", "true"},
      {"max_filter_ratio", "0"},
      {"timeout", std::to_string(request.timeout.count())},
      {"timezone", std::string(request.time_zone)},
  };
  if (request.format == LoadFormat::kCsv) {
    headers.emplace_back("format", "csv");
    headers.emplace_back("column_separator", fmt::format("\\x{:02x}", kColumnSeparator));
    headers.emplace_back("row_delimiter", fmt::format("\\x{:02x}", kRowDelimiter));
  } else {
    headers.emplace_back("format", "json");
    headers.emplace_back("ignore_json_size", "true");
  }
  if (!request.columns.empty()) headers.emplace_back("columns", std::string(request.columns));
  if (request.compression != Compression::kNone) {
    headers.emplace_back("compression", std::string(CompressionHeader(request.compression)));
  }
  headers.insert(headers.end(), request.headers.begin(), request.headers.end());
  return headers;
}

struct Call {
  LoadCall kind;
  std::string_view method;
  std::string path;
  Headers headers;
  std::span<const std::string_view> body;
  bool expect_continue = false;
  std::chrono::milliseconds patience;
};

}  // namespace

struct StreamLoadClient::State {
  TargetConfig config;
  std::string authorization;
  std::atomic<size_t> next_frontend{0};
  std::atomic<size_t> next_backend{0};

  std::mutex mutex;
  struct Idle {
    Endpoint endpoint;
    ClientConnection connection;
  };
  std::vector<Idle> idle;                 // backends' connections that can be used again
  std::set<ClientConnection*> in_flight;  // for Interrupt
  std::atomic<bool> interrupted{false};

  // What one request over one connection came to.
  struct Hop {
    Result<ClientResponse> response;
    ExchangeProgress progress;
    bool connected = false;
  };

  Result<ClientConnection> Connect(const Endpoint& endpoint, bool tls,
                                   const wire::http::ClientTimeouts& timeouts) {
    {
      std::lock_guard lock(mutex);
      for (auto it = idle.begin(); it != idle.end(); ++it) {
        if (it->endpoint != endpoint) continue;
        ClientConnection connection = std::move(it->connection);
        idle.erase(it);
        if (connection.reusable()) return connection;
        break;
      }
    }
    wire::TlsOptions options = config.http_tls;
    if (!tls) options.mode = wire::TlsMode::kDisabled;
    return ClientConnection::Open(endpoint.host, endpoint.port, options, timeouts);
  }

  void Keep(const Endpoint& endpoint, ClientConnection connection) {
    std::lock_guard lock(mutex);
    if (idle.size() >= kMaxIdleConnections) idle.erase(idle.begin());
    idle.push_back(Idle{endpoint, std::move(connection)});
  }

  Hop Send(const Endpoint& endpoint, bool tls, const std::string& target, const Call& call) {
    Hop hop{.response = Error{.kind = ErrorKind::kCancelled, .message = "interrupted"}};
    if (interrupted) return hop;
    const wire::http::ClientTimeouts timeouts{
        .connect = config.connect_timeout,
        .continue_wait = call.patience,
        .write = call.patience,
        // The server gives up on its own first, and its answer is worth more than our silence.
        .response = call.patience + std::chrono::seconds(30)};
    Result<ClientConnection> opened = Connect(endpoint, tls, timeouts);
    if (!opened.ok()) {
      hop.response = std::move(opened).error();
      return hop;
    }
    hop.connected = true;
    ClientConnection connection = std::move(opened).value();
    {
      std::lock_guard lock(mutex);
      if (interrupted) return hop;
      in_flight.insert(&connection);
    }
    const ClientRequest request{.method = call.method,
                                .target = target,
                                .headers = call.headers,
                                .body = call.body,
                                .expect_continue = call.expect_continue};
    hop.response = connection.Exchange(request, &hop.progress);
    {
      std::lock_guard lock(mutex);
      in_flight.erase(&connection);
    }
    if (!hop.response.ok()) {
      hop.response =
          std::move(hop.response.error()).At(fmt::format("target {}", endpoint.ToString()));
    } else if (hop.response->status != 307 && connection.reusable()) {
      Keep(endpoint, std::move(connection));
    }
    return hop;
  }

  // The outcome of a hop that brought no answer: in doubt as soon as the backend has all that it
  // needs to commit, which is the whole body. Without it a load can't have happened.
  static LoadOutcome Unanswered(const Call& call, const Hop& hop) {
    LoadOutcome outcome;
    outcome.message = hop.response.error().ToString();
    outcome.mend = hop.response.error().mend;
    uint64_t body_bytes = 0;
    for (const std::string_view piece : call.body) body_bytes += piece.size();
    const bool may_have_happened =
        hop.connected &&
        (call.expect_continue ? hop.progress.continued && hop.progress.body_bytes >= body_bytes
                              : hop.progress.headers_sent);
    outcome.verdict = may_have_happened ? LoadVerdict::kInDoubt : LoadVerdict::kRetry;
    outcome.back_off = BackOff::kShort;
    return outcome;
  }

  // One hop after the other, wherever the redirects lead.
  LoadOutcome Follow(Endpoint endpoint, const Call& call, bool* unreachable) {
    std::string target = call.path;
    bool tls = config.http_tls.mode != wire::TlsMode::kDisabled;
    for (int redirects = 0;; ++redirects) {
      Hop hop = Send(endpoint, tls, target, call);
      if (!hop.response.ok()) {
        if (unreachable != nullptr) *unreachable = redirects == 0 && !hop.connected;
        LoadOutcome outcome = Unanswered(call, hop);
        outcome.backend = endpoint.ToString();
        if (redirects > 0 && !hop.connected) {
          outcome.mend = fmt::format(
              "the frontend sent us to {}: make it reachable from here, or set host-mapping or "
              "backends",
              endpoint.ToString());
        }
        return outcome;
      }
      if (hop.response->status == 307 && redirects < kMaxRedirects) {
        Result<Url> location = wire::http::ParseUrl(hop.response->Find("Location"));
        if (location.ok()) {
          endpoint = MapEndpoint(config, Endpoint{.host = location->host, .port = location->port});
          tls = location->scheme == "https";
          target = location->target;
          continue;
        }
      }
      LoadOutcome outcome = ParseLoadAnswer(call.kind, *hop.response);
      outcome.backend = endpoint.ToString();
      return outcome;
    }
  }

  // Frontends in turn, as long as the one before could not even be connected to.
  LoadOutcome Run(const Call& call) {
    const bool direct = call.kind == LoadCall::kStreamLoad && !config.backend_endpoints.empty();
    const std::vector<Endpoint>& endpoints =
        direct ? config.backend_endpoints : config.http_endpoints;
    std::atomic<size_t>& next = direct ? next_backend : next_frontend;
    const size_t first = direct ? next.fetch_add(1) : next.load();
    LoadOutcome outcome;
    for (size_t attempt = 0; attempt < endpoints.size(); ++attempt) {
      const size_t chosen = (first + attempt) % endpoints.size();
      bool unreachable = false;
      outcome = Follow(endpoints[chosen], call, &unreachable);
      if (!unreachable) {
        if (!direct) next = chosen;
        return outcome;
      }
    }
    return outcome;
  }

  // A request whose answer isn't a load's.
  Result<ClientResponse> Ask(std::string_view method, std::string path) {
    Call call{.kind = LoadCall::kStreamLoad,
              .method = method,
              .path = std::move(path),
              .headers = {{"Authorization", authorization}},
              .patience = std::chrono::seconds(30)};
    Error last{.kind = ErrorKind::kUsage, .message = "the target has no HTTP endpoint"};
    for (size_t attempt = 0; attempt < config.http_endpoints.size(); ++attempt) {
      const size_t chosen = (next_frontend + attempt) % config.http_endpoints.size();
      Endpoint endpoint = config.http_endpoints[chosen];
      std::string target = call.path;
      bool tls = config.http_tls.mode != wire::TlsMode::kDisabled;
      for (int redirects = 0; redirects <= kMaxRedirects; ++redirects) {
        Hop hop = Send(endpoint, tls, target, call);
        if (!hop.response.ok()) {
          last = std::move(hop.response).error();
          break;
        }
        if (hop.response->status != 307) return std::move(hop.response);
        SL_ASSIGN(Url location, wire::http::ParseUrl(hop.response->Find("Location")));
        endpoint = MapEndpoint(config, Endpoint{.host = location.host, .port = location.port});
        tls = location.scheme == "https";
        target = location.target;
      }
    }
    return last;
  }

  Call TransactionCall(LoadCall kind, std::string_view operation, std::string_view database,
                       std::string_view table, std::string_view label) const {
    Call call{.kind = kind,
              .method = "POST",
              .path = fmt::format("/api/transaction/{}", operation),
              .headers = {{"Authorization", authorization},
                          {"label", std::string(label)},
                          {"db", std::string(database)}},
              .patience = config.load_timeout};
    if (!table.empty()) call.headers.emplace_back("table", std::string(table));
    return call;
  }
};

StreamLoadClient::StreamLoadClient(TargetConfig config) : state_(std::make_unique<State>()) {
  state_->authorization = wire::http::BasicAuthorization(config.user, config.password);
  state_->config = std::move(config);
}

StreamLoadClient::~StreamLoadClient() = default;

LoadOutcome StreamLoadClient::Load(const LoadRequest& request) {
  CompressedBody compressed;
  Result<std::span<const std::string_view>> body = compressed.Compress(request);
  if (!body.ok()) {
    return LoadOutcome{.verdict = LoadVerdict::kConfigRefused, .message = body.error().ToString()};
  }
  Call call{.kind = LoadCall::kStreamLoad,
            .method = "PUT",
            .path = LoadPath(request.database, request.table),
            .headers = DataHeaders(request),
            .body = *body,
            .expect_continue = true,
            .patience = request.timeout};
  call.headers.emplace_back("Authorization", state_->authorization);
  LoadOutcome outcome = state_->Run(call);
  if (outcome.label.empty()) outcome.label = request.label;
  return outcome;
}

Result<LabelState> StreamLoadClient::GetLabelState(std::string_view database,
                                                   std::string_view label) {
  SL_ASSIGN(const ClientResponse response,
            state_->Ask("GET", fmt::format("/api/{}/get_load_state?label={}",
                                           wire::http::PercentEncode(database),
                                           wire::http::PercentEncode(label))));
  return ParseLabelState(response);
}

Status StreamLoadClient::Cancel(std::string_view database, std::string_view label) {
  // The path's second part is not looked at: the label counts (seen on 3.5.0).
  SL_ASSIGN(
      const ClientResponse response,
      state_->Ask("POST",
                  fmt::format("/api/{}/{}/_cancel?label={}", wire::http::PercentEncode(database),
                              wire::http::PercentEncode(label), wire::http::PercentEncode(label))));
  return ParseCancelAnswer(response);
}

Result<std::vector<RefusedRow>> StreamLoadClient::FetchErrorLog(std::string_view error_url) {
  SL_ASSIGN(const Url url, wire::http::ParseUrl(error_url));
  const Call call{.kind = LoadCall::kStreamLoad,
                  .method = "GET",
                  .headers = {{"Authorization", state_->authorization}},
                  .patience = std::chrono::seconds(60)};
  const Endpoint endpoint =
      MapEndpoint(state_->config, Endpoint{.host = url.host, .port = url.port});
  State::Hop hop = state_->Send(endpoint, url.scheme == "https", url.target, call);
  if (!hop.response.ok()) return std::move(hop.response).error();
  if (hop.response->status != 200) {
    return Error{.kind = ErrorKind::kNotFound,
                 .message = fmt::format("the error log at {} answers HTTP {}", endpoint.ToString(),
                                        hop.response->status)};
  }
  return ParseErrorLog(hop.response->body);
}

LoadOutcome StreamLoadClient::Begin(std::string_view database, std::string_view table,
                                    std::string_view label, std::chrono::seconds timeout) {
  Call call = state_->TransactionCall(LoadCall::kBegin, "begin", database, table, label);
  call.headers.emplace_back("timeout", std::to_string(timeout.count()));
  return state_->Run(call);
}

LoadOutcome StreamLoadClient::LoadPart(const LoadRequest& request) {
  CompressedBody compressed;
  Result<std::span<const std::string_view>> body = compressed.Compress(request);
  if (!body.ok()) {
    return LoadOutcome{.verdict = LoadVerdict::kConfigRefused, .message = body.error().ToString()};
  }
  Call call = state_->TransactionCall(LoadCall::kLoadPart, "load", request.database, request.table,
                                      request.label);
  call.method = "PUT";
  call.body = *body;
  call.expect_continue = true;
  call.patience = request.timeout;
  for (auto& header : DataHeaders(request)) {
    if (header.first != "label") call.headers.push_back(std::move(header));
  }
  return state_->Run(call);
}

LoadOutcome StreamLoadClient::Prepare(std::string_view database, std::string_view table,
                                      std::string_view label) {
  return state_->Run(
      state_->TransactionCall(LoadCall::kPrepare, "prepare", database, table, label));
}

LoadOutcome StreamLoadClient::Commit(std::string_view database, std::string_view table,
                                     std::string_view label) {
  return state_->Run(state_->TransactionCall(LoadCall::kCommit, "commit", database, table, label));
}

LoadOutcome StreamLoadClient::Rollback(std::string_view database, std::string_view table,
                                       std::string_view label) {
  return state_->Run(
      state_->TransactionCall(LoadCall::kRollback, "rollback", database, table, label));
}

void StreamLoadClient::Interrupt() {
  std::lock_guard lock(state_->mutex);
  state_->interrupted = true;
  for (ClientConnection* connection : state_->in_flight) connection->Shutdown();
}

}  // namespace starlift::starrocks
