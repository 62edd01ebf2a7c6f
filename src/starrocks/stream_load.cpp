#include "starrocks/stream_load.h"

#include <fmt/format.h>

#include "starrocks/body_compression.h"
#include "starrocks/encoder.h"
#include "starrocks/load_answer.h"
#include "starrocks/load_classification.h"
#include "starrocks/load_transport.h"

namespace starlift::starrocks {
namespace {

using Headers = std::vector<std::pair<std::string, std::string>>;
using wire::http::PercentEncode;

// What every load says, whatever its table.
Headers DataHeaders(const LoadRequest& request) {
  Headers headers = {
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

TransportRequest TransactionRequest(std::string_view operation, std::string_view database,
                                    std::string_view table, std::string_view label,
                                    std::chrono::milliseconds patience) {
  TransportRequest request{
      .method = "POST",
      .path = fmt::format("/api/transaction/{}", operation),
      .headers = {{"label", std::string(label)}, {"db", std::string(database)}},
      .patience = patience};
  if (!table.empty()) request.headers.emplace_back("table", std::string(table));
  return request;
}

TransportRequest Question(std::string_view method, std::string path) {
  return TransportRequest{.method = method, .path = std::move(path), .repeatable = true};
}

LoadOutcome OutcomeOf(LoadCall call, const TransportRequest& request,
                      const TransportAnswer& answer) {
  if (answer.response.ok()) {
    LoadOutcome outcome = ParseLoadAnswer(call, *answer.response);
    outcome.backend = answer.endpoint.ToString();
    return outcome;
  }
  const Error& error = answer.response.error();
  LoadOutcome outcome{
      .verdict = answer.may_have_happened(request) ? LoadVerdict::kInDoubt : LoadVerdict::kRetry,
      .back_off = BackOff::kShort,
      .message = error.ToString(),
      .mend = error.mend,
      .backend = answer.endpoint.ToString()};
  if (answer.redirects > 0 && !answer.connected) {
    outcome.mend = fmt::format(
        "the frontend sent us to {}: make it reachable from here, or set host-mapping or backends",
        answer.endpoint.ToString());
  }
  return outcome;
}

LoadOutcome NotSent(const Error& error) {
  return LoadOutcome{.verdict = LoadVerdict::kConfigRefused, .message = error.ToString()};
}

}  // namespace

struct StreamLoadClient::State {
  explicit State(TargetConfig config) : transport(std::move(config)) {}

  LoadOutcome Run(LoadCall call, const TransportRequest& request) {
    return OutcomeOf(call, request, transport.AskFrontends(request));
  }

  LoadTransport transport;
};

StreamLoadClient::StreamLoadClient(TargetConfig config)
    : state_(std::make_unique<State>(std::move(config))) {}

StreamLoadClient::~StreamLoadClient() = default;

LoadOutcome StreamLoadClient::Load(const LoadRequest& request) {
  CompressedBody compressed;
  const auto body = compressed.Compress(request);
  if (!body.ok()) return NotSent(body.error());
  TransportRequest http{
      .method = "PUT",
      .path = fmt::format("/api/{}/{}/_stream_load", PercentEncode(request.database),
                          PercentEncode(request.table)),
      .headers = DataHeaders(request),
      .body = *body,
      .expect_continue = true,
      .patience = request.timeout};
  http.headers.emplace_back("label", std::string(request.label));
  const bool direct = !state_->transport.config().backend_endpoints.empty();
  LoadOutcome outcome =
      direct ? OutcomeOf(LoadCall::kStreamLoad, http, state_->transport.AskBackends(http))
             : state_->Run(LoadCall::kStreamLoad, http);
  if (outcome.label.empty()) outcome.label = request.label;
  return outcome;
}

Result<LabelState> StreamLoadClient::GetLabelState(std::string_view database,
                                                   std::string_view label) {
  TransportAnswer answer = state_->transport.AskFrontends(
      Question("GET", fmt::format("/api/{}/get_load_state?label={}", PercentEncode(database),
                                  PercentEncode(label))));
  if (!answer.response.ok()) return std::move(answer.response).error();
  return ParseLabelState(*answer.response);
}

Status StreamLoadClient::Cancel(std::string_view database, std::string_view label) {
  // The path's second part is not looked at: the label counts (seen on 3.5.0).
  TransportAnswer answer = state_->transport.AskFrontends(
      Question("POST", fmt::format("/api/{}/{}/_cancel?label={}", PercentEncode(database),
                                   PercentEncode(label), PercentEncode(label))));
  if (!answer.response.ok()) return std::move(answer.response).error();
  return ParseCancelAnswer(*answer.response);
}

Result<std::vector<RefusedRow>> StreamLoadClient::FetchErrorLog(std::string_view error_url) {
  SL_ASSIGN(const wire::http::Url url, wire::http::ParseUrl(error_url));
  TransportAnswer answer = state_->transport.AskUrl(url, Question("GET", ""));
  if (!answer.response.ok()) return std::move(answer.response).error();
  if (answer.response->status != 200) {
    return Error{.kind = ErrorKind::kNotFound,
                 .message = fmt::format("the error log at {} answers HTTP {}",
                                        answer.endpoint.ToString(), answer.response->status)};
  }
  return ParseErrorLog(answer.response->body);
}

LoadOutcome StreamLoadClient::Begin(std::string_view database, std::string_view table,
                                    std::string_view label, std::chrono::seconds timeout) {
  TransportRequest request =
      TransactionRequest("begin", database, table, label, state_->transport.config().load_timeout);
  request.headers.emplace_back("timeout", std::to_string(timeout.count()));
  return state_->Run(LoadCall::kBegin, request);
}

LoadOutcome StreamLoadClient::LoadPart(const LoadRequest& request) {
  CompressedBody compressed;
  const auto body = compressed.Compress(request);
  if (!body.ok()) return NotSent(body.error());
  TransportRequest http =
      TransactionRequest("load", request.database, request.table, request.label, request.timeout);
  http.method = "PUT";
  http.body = *body;
  http.expect_continue = true;
  for (auto& header : DataHeaders(request)) http.headers.push_back(std::move(header));
  return state_->Run(LoadCall::kLoadPart, http);
}

LoadOutcome StreamLoadClient::Prepare(std::string_view database, std::string_view table,
                                      std::string_view label) {
  return state_->Run(LoadCall::kPrepare,
                     TransactionRequest("prepare", database, table, label,
                                        state_->transport.config().load_timeout));
}

LoadOutcome StreamLoadClient::Commit(std::string_view database, std::string_view table,
                                     std::string_view label) {
  return state_->Run(LoadCall::kCommit,
                     TransactionRequest("commit", database, table, label,
                                        state_->transport.config().load_timeout));
}

LoadOutcome StreamLoadClient::Rollback(std::string_view database, std::string_view table,
                                       std::string_view label) {
  return state_->Run(LoadCall::kRollback,
                     TransactionRequest("rollback", database, table, label,
                                        state_->transport.config().load_timeout));
}

void StreamLoadClient::Interrupt() { state_->transport.Interrupt(); }

}  // namespace starlift::starrocks
