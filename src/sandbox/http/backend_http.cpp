#include "sandbox/http/backend_http.h"

#include <charconv>
#include <thread>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "sandbox/load/error_log.h"

namespace starlift::sandbox::http {
namespace {

using load::LoadRequest;
using nlohmann::ordered_json;

constexpr size_t kMaxFaultBytes = 64 * 1024;

// The request's body as the loader pulls it.
class BodySource : public load::ByteSource {
 public:
  explicit BodySource(wire::http::RequestBody& body) : body_(body) {}
  Result<size_t> Read(std::span<char> into) override { return body_.Read(into); }

 private:
  wire::http::RequestBody& body_;
};

std::string HeaderText(const Request& request, std::string_view name) {
  return std::string(request.Header(name).value_or(std::string_view()));
}

int64_t HeaderNumber(const Request& request, std::string_view name, int64_t otherwise) {
  const auto text = request.Header(name);
  if (!text) return otherwise;
  std::from_chars(text->data(), text->data() + text->size(), otherwise);
  return otherwise;
}

// Everything that all loads of one transaction must say alike.
std::string Fingerprint(const Request& request) {
  std::string text;
  for (const char* name :
       {"format", "columns", "where", "column_separator", "row_delimiter", "partitions",
        "temporary_partitions", "negative", "strict_mode", "timezone", "jsonpaths", "json_root",
        "strip_outer_array", "partial_update", "partial_update_mode", "merge_condition",
        "compression", "content-encoding"}) {
    text += fmt::format("{}={}\n", name, HeaderText(request, name));
  }
  return text;
}

bool ParsePath(const std::string& path, std::string& database, std::string& table) {
  constexpr std::string_view kBegin = "/api/";
  std::string_view rest = path;
  if (rest.ends_with('/')) rest.remove_suffix(1);
  constexpr std::string_view kEnd = "/_stream_load";
  if (!rest.starts_with(kBegin) || !rest.ends_with(kEnd)) return false;
  rest.remove_prefix(kBegin.size());
  rest.remove_suffix(std::min(rest.size(), kEnd.size()));
  const size_t slash = rest.find('/');
  if (slash == std::string_view::npos) return false;
  database = rest.substr(0, slash);
  table = rest.substr(slash + 1);
  return true;
}

}  // namespace

void BackendHttp::Handle(const Request& request, Responder& responder) {
  std::string database;
  std::string table;
  constexpr std::string_view kTransaction = "/api/transaction/";
  if (request.path == "/_sandbox/faults") {
    FaultSwitches(request, responder);
  } else if (request.method == "PUT" && ParsePath(request.path, database, table)) {
    StreamLoad(request, responder, database, table);
  } else if (request.path.starts_with(kTransaction) &&
             (request.method == "POST" || request.method == "PUT")) {
    Transaction(request, responder, request.path.substr(kTransaction.size()));
  } else if (request.path == "/api/_load_error_log" && request.method == "GET") {
    ErrorLogFile(request, responder);
  } else if (request.path == "/api/health" && request.method == "GET") {
    SendJson(responder, "{\"status\": \"OK\",\"msg\": \"To Be Added\"}", 200, "application/json");
  } else if (request.path == "/metrics" && request.method == "GET") {
    (void)responder.Send(200, {{"Content-Type", "text/plain; version=0.0.4"}}, "");
  } else {
    (void)responder.Send(404, {{"Content-Type", "text/html"}}, "Not Found");
  }
}

// True if the request is over: refused, cut or answered with an error.
bool BackendHttp::StrikeRequestFaults(const Request& request, Responder& responder,
                                      const std::string& table) {
  load::Faults& faults = *context_.loads->faults;
  if (const auto fault = faults.Take("delay", table)) {
    std::this_thread::sleep_for(std::chrono::milliseconds(fault->value));
  }
  if (faults.Take("refuse", table)) {
    responder.Abort();
    return true;
  }
  if (const auto fault = faults.Take("http_error", table)) {
    responder.ForceClose();
    SendHtml(responder, static_cast<int>(fault->value == 0 ? 500 : fault->value), "injected error");
    return true;
  }
  if (request.content_length.value_or(0) > 0 || request.chunked) {
    if (const auto fault = faults.Take("cut_request", table)) {
      responder.CutAfterRequestBytes(static_cast<uint64_t>(fault->value));
    }
  }
  if (const auto fault = faults.Take("cut_response", table)) {
    responder.CutAfterResponseBytes(static_cast<uint64_t>(fault->value));
  }
  return false;
}

Status BackendHttp::CheckAccess(const Request& request, const std::string& database,
                                const std::string& table, std::string& user) const {
  const Result<Credentials> credentials = ReadCredentials(request);
  if (!credentials.ok()) {
    return Error{ErrorKind::kRefused, "no valid Basic authorization"};
  }
  user = credentials->user;
  SL_TRY(Authenticate(request, *context_.users));
  if (context_.loads->catalog->FindTable(database, table) == nullptr) return {};
  return context_.users->RequireTablePrivilege(user, "INSERT", database, table);
}

void BackendHttp::StreamLoad(const Request& request, Responder& responder,
                             const std::string& database, const std::string& table) {
  const std::string name = database + "." + table;
  if (StrikeRequestFaults(request, responder, name)) return;
  load::LoadAnswer refusal;
  refusal.label = HeaderText(request, "label");
  const auto refuse = [&](const Error& error) {
    refusal.message = error.message;
    SendJson(responder, refusal.ToJson(context_.error_url_base), 200, "application/json");
  };
  std::string user;
  const Status access = CheckAccess(request, database, table, user);
  if (!access.ok()) return refuse(access.error());
  const auto header = [&](std::string_view header_name) { return request.Header(header_name); };
  Result<LoadRequest> parsed = load::ParseLoadRequest(header, context_.loads->settings, false);
  if (!parsed.ok()) return refuse(parsed.error());
  parsed->database = database;
  parsed->table = table;
  parsed->content_length = request.content_length;
  const Status sized = load::CheckBodySize(*parsed, context_.loads->settings, 0);
  if (!sized.ok()) return refuse(sized.error());

  const Result<load::LoadAnswer> answer = load::RunStreamLoad(
      *context_.loads, *parsed, user, [&] { return std::make_unique<BodySource>(*request.body); });
  // Without an answer the client has gone; what it sent is dropped, its label is ABORTED.
  if (!answer.ok()) return responder.Abort();
  if (answer->status != "Fail" && context_.loads->faults->Take("lose_answer", name)) {
    return responder.Abort();
  }
  SendJson(responder, answer->ToJson(context_.error_url_base), 200, "application/json");
}

void BackendHttp::Transaction(const Request& request, Responder& responder,
                              const std::string& operation) {
  load::TransactionCall call;
  call.database = HeaderText(request, "db");
  call.table = HeaderText(request, "table");
  call.label = HeaderText(request, "label");
  call.multi_table = HeaderText(request, "transaction_type") == "multi";
  const load::LoadSettings& settings = context_.loads->settings;
  call.timeout_second =
      HeaderNumber(request, "timeout", settings.stream_load_default_timeout_second);
  call.idle_timeout_second = HeaderNumber(request, "idle_transaction_timeout", 0);
  call.prepared_timeout_second = HeaderNumber(request, "prepared_timeout",
                                              settings.prepared_transaction_default_timeout_second);
  const std::string name = call.database + "." + call.table;
  if (StrikeRequestFaults(request, responder, name)) return;

  const auto refuse = [&](std::string_view status, const std::string& message) {
    const ordered_json json{{"Status", status}, {"Message", message}};
    SendJson(responder, json.dump(4), 200, "application/json");
  };
  const Status access = CheckAccess(request, call.database, call.table, call.user);
  if (!access.ok()) return refuse("INTERNAL_ERROR", access.error().message);
  std::string answer;
  if (operation == "begin") {
    answer = context_.two_phase->Begin(call);
  } else if (operation == "prepare") {
    answer = context_.two_phase->Prepare(call);
  } else if (operation == "commit") {
    answer = context_.two_phase->Commit(call);
  } else if (operation == "rollback") {
    answer = context_.two_phase->Rollback(call);
  } else if (operation == "load") {
    const auto header = [&](std::string_view header_name) { return request.Header(header_name); };
    Result<LoadRequest> parsed = load::ParseLoadRequest(header, settings, true);
    if (!parsed.ok()) return refuse("INVALID_ARGUMENT", parsed.error().message);
    parsed->database = call.database;
    parsed->table = call.table;
    parsed->content_length = request.content_length;
    Result<std::string> loaded = context_.two_phase->Load(call, *parsed, Fingerprint(request), [&] {
      return std::make_unique<BodySource>(*request.body);
    });
    if (!loaded.ok()) return responder.Abort();
    answer = std::move(*loaded);
  } else {
    (void)responder.Send(404, {{"Content-Type", "text/html"}}, "Not Found");
    return;
  }
  if (context_.loads->faults->Take("lose_answer", name)) return responder.Abort();
  SendJson(responder, answer, 200, "application/json");
}

void BackendHttp::ErrorLogFile(const Request& request, Responder& responder) {
  const Result<std::string> text = load::ReadErrorLog(context_.loads->error_log_folder,
                                                      request.QueryParameter("file").value_or(""));
  if (!text.ok()) {
    (void)responder.Send(404, {{"Content-Type", "text/plain"}}, text.error().message);
    return;
  }
  (void)responder.Send(200, {{"Content-Type", "text/plain"}}, *text);
}

// GET lists, POST adds (one per line, as for --fault), DELETE removes all, or the one with ?id=.
void BackendHttp::FaultSwitches(const Request& request, Responder& responder) {
  load::Faults& faults = *context_.loads->faults;
  if (request.method == "DELETE") {
    if (const auto id = request.QueryParameter("id")) {
      faults.Remove(std::atoll(id->c_str()));
    } else {
      faults.Clear();
    }
  } else if (request.method == "POST" || request.method == "PUT") {
    const Result<std::string> body = request.ReadBody(kMaxFaultBytes);
    if (!body.ok()) return SendHtml(responder, 400, body.error().message);
    std::string_view rest = *body;
    while (!rest.empty()) {
      const size_t end = std::min(rest.find('\n'), rest.size());
      const std::string_view line = rest.substr(0, end);
      rest.remove_prefix(std::min(end + 1, rest.size()));
      if (line.empty()) continue;
      Result<load::Fault> fault = load::Faults::Parse(line);
      if (!fault.ok()) return SendHtml(responder, 400, fault.error().ToString());
      faults.Add(std::move(*fault));
    }
  }
  ordered_json list = ordered_json::array();
  for (const load::Fault& fault : faults.List()) {
    list.push_back({{"id", fault.id},
                    {"name", fault.name},
                    {"point", fault.point},
                    {"table", fault.table},
                    {"count", fault.count},
                    {"skip", fault.skip},
                    {"probability", fault.probability},
                    {"value", fault.value},
                    {"struck", fault.struck}});
  }
  SendJson(responder, list.dump(2), 200, "application/json");
}

}  // namespace starlift::sandbox::http
