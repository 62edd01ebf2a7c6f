#include "sandbox/http/answers.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace starlift::sandbox::http {
namespace {

using nlohmann::ordered_json;

constexpr std::string_view kRealm = "Basic realm=\"\"";

std::string Dump(const ordered_json& json) {
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace

void SendJson(Responder& responder, std::string_view json, int status,
              std::string_view content_type) {
  (void)responder.Send(status, {{"Content-Type", std::string(content_type)}}, json);
}

void SendHtml(Responder& responder, int status, std::string_view html) {
  (void)responder.Send(status, {{"Content-Type", "text/html"}}, html);
}

std::string RestFailure(std::string_view message, std::string_view code) {
  return Dump({{"status", "FAILED"}, {"code", code}, {"msg", message}, {"message", message}});
}

void SendRestFailure(Responder& responder, int status, std::string_view message) {
  SendHtml(responder, status, RestFailure(message));
}

std::string RestSuccess() {
  return Dump({{"status", "OK"}, {"code", "0"}, {"msg", "Success"}, {"message", "OK"}});
}

void SendLoadFailure(Responder& responder, std::string_view exception, std::string_view message) {
  SendJson(responder, Dump({{"Status", "FAILED"},
                            {"Message", fmt::format("class {}: {}", exception, message)}}));
}

void SendUnauthorized(Responder& responder, std::string_view message) {
  (void)responder.Send(401,
                       {{"WWW-Authenticate", std::string(kRealm)}, {"Content-Type", "text/html"}},
                       RestFailure(message));
}

void SendUnauthorizedPage(Responder& responder, std::string_view message) {
  (void)responder.Send(401,
                       {{"WWW-Authenticate", std::string(kRealm)}, {"Content-Type", "text/html"}},
                       fmt::format("Authentication Failed. <br/> {}", message));
}

void SendRedirect(Responder& responder, const Request& request, std::string_view backend) {
  std::string location =
      fmt::format("http://{}{}", backend, wire::http::PercentEncodePath(request.path));
  if (!request.query.empty()) location += "?" + request.query;
  (void)responder.Send(307, {{"Location", location}, {"Content-Type", "text/html"}}, "");
}

}  // namespace starlift::sandbox::http
