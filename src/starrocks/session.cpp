#include "starrocks/session.h"

#include <fmt/format.h>

#include "wire/mysql/row_stream.h"

namespace starlift::starrocks {
namespace {

constexpr size_t kStreamBatchBytes = size_t{256} << 10;
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

Status Session::Stream(std::string_view sql, const std::function<Status(const RowBatch&)>& take) {
  SL_TRY(state_->Connect());
  const auto located = [this](Error error) {
    if (error.kind == ErrorKind::kUnreachable) state_->client.reset();
    return state_->Located(std::move(error));
  };
  auto stream = state_->client->Stream(sql);
  if (!stream.ok()) return located(std::move(stream).error());
  if (stream->fields().empty()) return {};
  RowBatch batch(stream->fields().size());
  while (true) {
    const auto more = stream->ReadBatch(batch, kStreamBatchBytes);
    if (!more.ok()) return located(more.error());
    if (!*more) return {};
    SL_TRY(take(batch));
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
