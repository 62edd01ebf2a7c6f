#pragma once

#include <string>
#include <string_view>

#include "wire/http/server.h"

// The shapes in which a frontend answers over HTTP. Most failures are HTTP 200 with a body that
// says FAILED.
namespace starlift::sandbox::http {

using wire::http::Headers;
using wire::http::Request;
using wire::http::Responder;

void SendJson(Responder& responder, std::string_view json, int status = 200,
              std::string_view content_type = "application/json; charset=UTF-8");
void SendHtml(Responder& responder, int status, std::string_view html);

// {"status":"FAILED","code":"1","msg":…,"message":…}: REST actions.
std::string RestFailure(std::string_view message, std::string_view code = "1");
void SendRestFailure(Responder& responder, int status, std::string_view message);
// 200 {"status":"OK","code":"0","msg":"Success","message":"OK"}
std::string RestSuccess();

// {"Status":"FAILED","Message":"class <exception>: …"}: load and transaction actions.
void SendLoadFailure(Responder& responder, std::string_view exception, std::string_view message);

// 401 with WWW-Authenticate.
void SendUnauthorized(Responder& responder, std::string_view message);
void SendUnauthorizedPage(Responder& responder, std::string_view message);

// 307 to the backend, path and query kept.
void SendRedirect(Responder& responder, const Request& request, std::string_view backend);

}  // namespace starlift::sandbox::http
