#include "sandbox/http/frontend_http.h"

#include <charconv>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace starlift::sandbox::http {
namespace {

using nlohmann::ordered_json;

constexpr std::string_view kDdlException = "com.starrocks.common.DdlException";
constexpr std::string_view kPlainJson = "application/json";

std::vector<std::string> Split(std::string_view path) {
  std::vector<std::string> segments;
  if (!path.empty() && path[0] == '/') path.remove_prefix(1);
  while (true) {
    const size_t slash = path.find('/');
    segments.emplace_back(path.substr(0, slash));
    if (slash == std::string_view::npos) return segments;
    path.remove_prefix(slash + 1);
  }
}

std::string Dump(const ordered_json& json) {
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

bool IsGet(const Request& request) { return request.method == "GET"; }

}  // namespace

void FrontendHttp::Handle(const Request& request, Responder& responder) {
  load::Faults& faults = *context_.loads->faults;
  if (faults.Take("refuse@fe", request.path)) {
    responder.Abort();
    return;
  }
  if (const auto fault = faults.Take("http_error@fe", request.path)) {
    SendHtml(responder, static_cast<int>(fault->value), "injected error");
    return;
  }
  const Segments path = Split(request.path);
  if (RouteOpen(request, responder, path)) return;
  if (RouteLogin(request, responder, path)) return;
  NoRoute(request, responder);
}

// What needs no login, or checks it in an order of its own.
bool FrontendHttp::RouteOpen(const Request& request, Responder& responder, const Segments& path) {
  if (path.size() >= 4 && path[0] == "api" && path[3] == "_stream_load" &&
      request.method == "PUT" && (path.size() == 4 || (path.size() == 5 && path[4].empty()))) {
    StreamLoad(request, responder, path[1], path[2]);
    return true;
  }
  if (!IsGet(request)) return false;
  if (request.path == "/api/bootstrap") {
    Bootstrap(request, responder);
  } else if (request.path == "/api/health") {
    SendJson(responder, Dump({{"online_backend_num", context_.backends},
                              {"total_backend_num", context_.backends},
                              {"status", "OK"}}));
  } else if (request.path == "/metrics") {
    Metrics(responder);
  } else if (request.path == "/api/v2/feature") {
    const ordered_json feature{
        {"name", "RBAC"},
        {"description",
         "privilege system with full RBAC functionalities, supporting role inheritance and default "
         "roles."},
        {"link", "https://docs.starrocks.io/en-us/latest/administration/privilege_overview"}};
    SendJson(responder, Dump({{"features", ordered_json::array({feature})},
                              {"version", "3.5.0"},
                              {"status", "OK"}}));
  } else {
    return false;
  }
  return true;
}

bool FrontendHttp::RouteLogin(const Request& request, Responder& responder, const Segments& path) {
  const bool post = request.method == "POST";
  const bool known =
      (path.size() == 3 && path[0] == "api" && path[1] == "transaction" && !path[2].empty() &&
       (post || request.method == "PUT")) ||
      (IsGet(request) &&
       (request.path == "/api/show_proc" || request.path == "/api/_get_ddl" ||
        request.path == "/api/show_meta_info" || request.path == "/api/connection")) ||
      (path.size() == 3 && path[0] == "api" && path[2] == "get_load_state" && IsGet(request)) ||
      (path.size() == 4 && path[0] == "api" && path[3] == "_cancel" && post) ||
      (path.size() == 4 && path[0] == "api" && IsGet(request) &&
       (path[3] == "_schema" || path[3] == "_count")) ||
      (path.size() == 4 && path[0] == "api" && path[3] == "_query_plan" &&
       (IsGet(request) || post)) ||
      (path.size() == 9 && request.path.starts_with("/api/v2/catalogs/") &&
       path[4] == "databases" && path[6] == "tables" && IsGet(request));
  if (!known) return false;
  const Result<Credentials> login = Authenticate(request, *context_.users);
  if (!login.ok()) {
    SendUnauthorized(responder, login.error().message);
    return true;
  }
  if (request.path == "/api/show_proc") {
    ShowProc(request, responder);
  } else if (request.path == "/api/show_meta_info") {
    SendJson(responder, "{}", 200, kPlainJson);
  } else if (request.path == "/api/connection") {
    SendHtml(responder, 400, "not valid parameter");
  } else if (request.path == "/api/_get_ddl") {
    GetDdl(request, responder);
  } else if (path[1] == "transaction") {
    Transaction(request, responder, path[2]);
  } else if (path[2] == "get_load_state") {
    GetLoadState(request, responder, path[1]);
  } else if (path[1] == "v2") {
    TableMetadata(responder, path);
  } else if (path[3] == "_cancel") {
    Cancel(request, responder, path[1]);
  } else {
    const Status allowed =
        context_.users->RequireTablePrivilege(login->user, "SELECT", path[1], path[2]);
    if (context_.loads->catalog->FindTable(path[1], path[2]) != nullptr && !allowed.ok()) {
      SendUnauthorized(responder, allowed.error().message);
    } else if (path[3] == "_schema") {
      TableSchema(responder, path[1], path[2]);
    } else if (path[3] == "_count") {
      TableCount(responder, path[1], path[2]);
    } else {
      QueryPlan(request, responder, login->user);
    }
  }
  return true;
}

// What has no route is a page of the web interface, which wants a login first.
void FrontendHttp::NoRoute(const Request& request, Responder& responder) {
  const Result<Credentials> login = Authenticate(request, *context_.users);
  if (!login.ok()) {
    // The load's path answers as JSON whatever the method.
    SendUnauthorizedPage(responder, login.error().message);
  } else if (request.path == "/" && IsGet(request)) {
    SendHtml(responder, 200, "<html><body>StarRocks-compatible sandbox</body></html>");
  } else if (IsGet(request)) {
    SendHtml(responder, 404, "<html><body>404 Not Found</body></html>");
  } else if (request.method == "POST") {
    SendRestFailure(responder, 501, "Not implemented");
  } else {
    SendRestFailure(responder, 405, "HTTP method is not allowed: " + request.method);
  }
}

bool FrontendHttp::RefuseMergeCommit(const Request& request, Responder& responder) {
  if (request.Header("enable_merge_commit").value_or("") != "true") return false;
  struct Parameter {
    const char* header;
    const char* name;
  };
  for (const Parameter& parameter : {Parameter{"merge_commit_interval_ms", "interval"},
                                     Parameter{"merge_commit_parallel", "parallel"}}) {
    const auto text = request.Header(parameter.header);
    int64_t number = 0;
    if (text) {
      const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
      if (error != std::errc() || end != text->data() + text->size()) {
        SendRestFailure(responder, 500, fmt::format("For input string: \"{}\"", *text));
        return true;
      }
    }
    if (number <= 0) {
      SendJson(responder, RestFailure(fmt::format("Batch write {} must be set positive, but is {}",
                                                  parameter.name, text ? *text : "null"),
                                      "INVALID_ARGUMENT"));
      return true;
    }
  }
  return false;
}

void FrontendHttp::StreamLoad(const Request& request, Responder& responder,
                              const std::string& database, const std::string& table) {
  const Result<Credentials> login = Authenticate(request, *context_.users);
  if (!login.ok()) {
    SendUnauthorized(responder, login.error().message);
    return;
  }
  responder.ForceClose();
  const std::string name = database + "." + table;
  load::Faults& faults = *context_.loads->faults;
  if (const auto fault = faults.Take("http_error@redirect", name)) {
    SendHtml(responder, static_cast<int>(fault->value), "injected error");
    return;
  }
  if (request.version >= 11 && !request.ExpectsContinue()) {
    SendLoadFailure(responder, kDdlException, "There is no 100-continue header");
    return;
  }
  if (database.empty() || table.empty()) {
    SendLoadFailure(responder, kDdlException,
                    database.empty() ? "No database selected." : "No table selected.");
    return;
  }
  if (RefuseMergeCommit(request, responder)) return;
  if (context_.loads->catalog->FindTable(database, table) != nullptr) {
    const Status allowed =
        context_.users->RequireTablePrivilege(login->user, "INSERT", database, table);
    if (!allowed.ok()) {
      SendUnauthorized(responder, allowed.error().message);
      return;
    }
  }
  if (context_.backends == 0 || faults.Take("no_backend", name)) {
    SendLoadFailure(responder, "com.starrocks.common.DdlException", "No backend alive.");
    return;
  }
  SendRedirect(responder, request, context_.backend_address);
}

void FrontendHttp::GetLoadState(const Request& request, Responder& responder,
                                const std::string& database) {
  const auto label = request.QueryParameter("label");
  if (database.empty() || !label || label->empty()) {
    SendJson(responder,
             RestFailure(database.empty() ? "No database selected." : "No label selected."));
    return;
  }
  const catalog::DatabasePtr found = context_.loads->catalog->FindDatabase(database);
  if (found == nullptr) {
    SendJson(responder, RestFailure("unknown database, database=" + database));
    return;
  }
  const auto transaction = context_.loads->ledger->FindLabel(found->id, *label);
  ordered_json json;
  json["state"] =
      TransactionStateName(transaction ? transaction->state : TransactionState::kUnknown);
  if (transaction) json["reason"] = transaction->reason;
  json["status"] = "OK";
  json["code"] = "0";
  json["msg"] = "Success";
  json["message"] = "OK";
  SendJson(responder, Dump(json));
}

void FrontendHttp::Cancel(const Request& request, Responder& responder,
                          const std::string& database) {
  const auto label = request.QueryParameter("label");
  if (!label || label->empty()) {
    SendJson(responder, RestFailure("No label selected."));
    return;
  }
  const catalog::DatabasePtr found = context_.loads->catalog->FindDatabase(database);
  if (found == nullptr) {
    SendJson(responder, RestFailure("unknown database, database=" + database));
    return;
  }
  const auto transaction = context_.loads->ledger->FindLabel(found->id, *label);
  const bool open = transaction && (transaction->state == TransactionState::kPrepare ||
                                    transaction->state == TransactionState::kPrepared);
  if (!open) {
    SendJson(responder, RestFailure(fmt::format("transaction not found: label={}, database={}",
                                                *label, database)));
    return;
  }
  const Status aborted = context_.loads->ledger->Cancel(transaction->id, "user cancel");
  if (aborted.ok()) context_.two_phase->Forget(transaction->id);
  SendJson(responder, aborted.ok() ? RestSuccess() : RestFailure(aborted.error().message));
}

void FrontendHttp::Bootstrap(const Request& request, Responder& responder) {
  const auto token = request.QueryParameter("token");
  const bool right = token && *token == context_.cluster_token;
  ordered_json json;
  json["replayedJournalId"] = 0;
  json["queryPort"] = right ? context_.query_port->load() : 0;
  json["rpcPort"] = right ? context_.rpc_port : 0;
  json["feStartTime"] = right ? context_.start_ms : 0;
  if (right) json["feVersion"] = "3.5.0";
  json["heapUsedPercent"] = 0.0;
  json["status"] = token && !right ? "FAILED" : "OK";
  json["code"] = "0";
  json["msg"] = token && !right ? "invalid parameter" : "Success";
  json["message"] = "OK";
  SendJson(responder, Dump(json), 200, kPlainJson);
}

void FrontendHttp::Metrics(Responder& responder) {
  int64_t running = 0;
  int64_t finished = 0;
  for (const catalog::DatabasePtr& database : context_.loads->catalog->Databases()) {
    running += static_cast<int64_t>(context_.loads->ledger->List(database->id, true).size());
    finished += static_cast<int64_t>(context_.loads->ledger->List(database->id, false).size());
  }
  (void)responder.Send(200, {{"Content-Type", "text/plain"}},
                       fmt::format("# TYPE starrocks_fe_txn_running gauge\n"
                                   "starrocks_fe_txn_running {}\n"
                                   "# TYPE starrocks_fe_txn_kept gauge\n"
                                   "starrocks_fe_txn_kept {}\n",
                                   running, finished));
}

void FrontendHttp::ShowProc(const Request& request, Responder& responder) {
  const std::string path = request.QueryParameter("path").value_or("/");
  if (path != "/") {
    SendHtml(responder, 200, "[]");
    return;
  }
  ordered_json names = ordered_json::array();
  for (const char* name : {"brokers",
                           "frontends",
                           "routine_loads",
                           "catalog",
                           "colocation_group",
                           "cluster_balance",
                           "load_error_hub",
                           "meta_recovery",
                           "global_current_queries",
                           "tasks",
                           "compute_nodes",
                           "statistic",
                           "jobs",
                           "warehouses",
                           "resources",
                           "monitor",
                           "transactions",
                           "backends",
                           "current_queries",
                           "stream_loads",
                           "replications",
                           "dbs",
                           "current_backend_instances",
                           "compactions"}) {
    names.push_back({{"name", name}});
  }
  SendJson(responder, Dump(names), 200, kPlainJson);
}

}  // namespace starlift::sandbox::http
