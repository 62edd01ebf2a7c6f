#include "starrocks/session.h"

#include <fmt/format.h>

namespace starlift::starrocks {
namespace {

constexpr int kAccessDenied = 5203;  // StarRocks' number for a missing privilege

}  // namespace

using wire::mysql::Client;
using wire::mysql::ClientOptions;

std::optional<std::string_view> CellAt(const QueryRows& rows, size_t row, std::string_view column) {
  const std::optional<size_t> field = rows.FindField(column);
  if (!field || row >= rows.rows.size() || *field >= rows.rows[row].size()) return std::nullopt;
  const std::optional<std::string>& cell = rows.rows[row][*field];
  if (!cell) return std::nullopt;
  return *cell;
}

struct Session::State {
  TargetConfig config;
  std::optional<Client> client;
  size_t endpoint = 0;  // index of the frontend in use, or to be tried first

  // The configured frontends are tried in turn, beginning with the one that worked last.
  Status Connect() {
    if (client && client->is_open()) return {};
    client.reset();
    Error last{.kind = ErrorKind::kUsage, .message = "the target has no query endpoint"};
    const size_t count = config.query_endpoints.size();
    for (size_t attempt = 0; attempt < count; ++attempt) {
      const size_t candidate = (endpoint + attempt) % count;
      const Endpoint& frontend = config.query_endpoints[candidate];
      ClientOptions options;
      options.host = frontend.host;
      options.port = frontend.port;
      options.user = config.user;
      options.password = config.password;
      options.tls = config.query_tls;
      options.connect_timeout = config.connect_timeout;
      Result<Client> opened = Client::Connect(options);
      if (opened.ok()) {
        client.emplace(std::move(opened).value());
        endpoint = candidate;
        return {};
      }
      last = std::move(opened).error().At(fmt::format("target {}", frontend.ToString()));
      if (last.kind == ErrorKind::kRefused) break;
    }
    return last;
  }

  Error Located(Error error) const {
    if (error.native_code == kAccessDenied && error.mend.empty()) {
      error.mend =
          fmt::format("GRANT the privilege that the message names to user '{}'", config.user);
    }
    return std::move(error).At(
        fmt::format("target {}", config.query_endpoints[endpoint].ToString()));
  }
};

Session::Session(TargetConfig config) : state_(std::make_unique<State>()) {
  state_->config = std::move(config);
}
Session::~Session() = default;
Session::Session(Session&&) noexcept = default;
Session& Session::operator=(Session&&) noexcept = default;

Status Session::Connect() { return state_->Connect(); }

Result<QueryRows> Session::Query(std::string_view sql) {
  for (int attempt = 0;; ++attempt) {
    SL_TRY(state_->Connect());
    Result<QueryRows> rows = state_->client->Query(sql);
    if (rows.ok()) return rows;
    if (rows.error().kind != ErrorKind::kUnreachable || attempt > 0) {
      return state_->Located(std::move(rows).error());
    }
    state_->client.reset();
  }
}

Status Session::Execute(std::string_view sql) {
  SL_TRY(state_->Connect());
  auto outcome = state_->client->Execute(sql);
  if (outcome.ok()) return {};
  if (outcome.error().kind == ErrorKind::kUnreachable) state_->client.reset();
  return state_->Located(std::move(outcome).error());
}

std::optional<Endpoint> Session::endpoint() const {
  if (!state_->client) return std::nullopt;
  return state_->config.query_endpoints[state_->endpoint];
}

}  // namespace starlift::starrocks
