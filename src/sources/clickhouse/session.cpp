#include "sources/clickhouse/session.h"

#include <array>
#include <charconv>
#include <utility>

#include <fmt/format.h>

namespace starlift::clickhouse {
namespace {

using wire::http::ClientConnection;
using wire::http::ClientRequest;
using wire::http::ClientResponse;

constexpr int kHttpOk = 200;
constexpr int kUnknownDatabase = 81;
constexpr std::pair<uint16_t, uint16_t> kHttpPortOfNative[] = {{9000, 8123}, {9440, 8443}};

// A native port answers HTTP with "Port 9000 is for clickhouse-client program.\r\nYou must use port
// 8123 for HTTP.", with the ports of the server's own config.
constexpr std::string_view kHttpPortIs = "You must use port ";

uint16_t PortNamedIn(std::string_view answer) {
  uint16_t port = 0;
  if (const size_t at = answer.find(kHttpPortIs); at != std::string_view::npos) {
    std::from_chars(answer.data() + at + kHttpPortIs.size(), answer.data() + answer.size(), port);
  }
  return port;
}

// Where HTTP is spoken, if not at the port that was given; 0: not known. A native port under TLS
// answers nothing that could be read: there the usual pair is tried.
uint16_t HttpPortBeside(uint16_t given, const Error& refusal) {
  if (const uint16_t named = PortNamedIn(refusal.message); named != 0) return named;
  for (const auto& [native, http] : kHttpPortOfNative) {
    if (native == given) return http;
  }
  return 0;
}

std::string Place(const ConnectOptions& options) {
  return fmt::format("ClickHouse at {}:{}", options.host, options.port);
}

// "Code: 60, e.displayText() = DB::Exception: Table default.x doesn't exist., e.what() = …" of old
// servers, "Code: 60. DB::Exception: …" of new ones.
Error ServerError(const ClientResponse& response, const ConnectOptions& options) {
  constexpr std::string_view kCode = "Code: ";
  constexpr std::string_view kException = "DB::Exception: ";
  std::string_view text = response.body;
  int code = 0;
  if (const size_t at = text.find(kCode); at != std::string_view::npos) {
    const char* const begin = text.data() + at + kCode.size();
    std::from_chars(begin, text.data() + text.size(), code);
  }
  if (const size_t at = text.find(kException); at != std::string_view::npos) {
    text.remove_prefix(at + kException.size());
  }
  text = text.substr(0, text.find(", e.what()"));
  // What a native port says has its point in the second line.
  if (const size_t at = text.find(kHttpPortIs); at != std::string_view::npos)
    text.remove_prefix(at);
  text = text.substr(0, text.find_first_of("\r\n"));
  if (text.empty()) text = response.reason;
  Error error{.kind = code == kUnknownDatabase ? ErrorKind::kNotFound : ErrorKind::kRefused,
              .message = fmt::format("{} (code {}, HTTP {})", text, code, response.status),
              .where = Place(options),
              .native_code = code};
  constexpr std::array<int, 4> kLogins = {192, 193, 194, 516};
  for (const int login : kLogins) {
    if (code == login) error.mend = "give the right user and password";
  }
  return error;
}

char Unescaped(char c) {
  switch (c) {
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    case '0':
      return '\0';
    default:
      return c;
  }
}

std::string Quoted(std::string_view text, char quote) {
  std::string quoted(1, quote);
  for (const char c : text) {
    if (c == quote || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + quote;
}

}  // namespace

Result<Session> Session::OpenAt(const ConnectOptions& options) {
  auto connection = ClientConnection::Open(options.host, options.port, options.tls,
                                           {.connect = options.connect_timeout});
  if (!connection.ok()) return std::move(connection).error().At(Place(options));
  Session session(options, std::move(*connection));
  SL_ASSIGN(const Rows rows, session.Query("SELECT version()"));
  if (rows.size() != 1) {
    return Error{ErrorKind::kData, "what answers there is no ClickHouse", Place(options)};
  }
  session.version_ = rows.front().front();
  return session;
}

Result<Session> Session::Open(const ConnectOptions& options) {
  auto session = OpenAt(options);
  if (session.ok() || session.error().kind == ErrorKind::kCancelled) return session;
  const uint16_t http_port = HttpPortBeside(options.port, session.error());
  if (http_port == 0 || http_port == options.port) return session;
  ConnectOptions other = options;
  other.port = http_port;
  auto by_http = OpenAt(other);
  if (by_http.ok() || by_http.error().kind != ErrorKind::kUnreachable) return by_http;
  return std::move(session).error().Mend(
      fmt::format("{} is the port of ClickHouse's native protocol; Starlift speaks HTTP, and "
                  "nothing answers at {} either: give the server's http_port",
                  options.port, http_port));
}

Result<Rows> Session::Query(const std::string& statement) {
  const std::string body = statement + " FORMAT TabSeparated";
  const std::array<std::pair<std::string, std::string>, 2> headers = {
      std::pair<std::string, std::string>{"X-ClickHouse-User",
                                          options_.user.empty() ? "default" : options_.user},
      {"X-ClickHouse-Key", options_.password}};
  const std::array<std::string_view, 1> parts = {body};
  ClientRequest request{.method = "POST", .target = "/", .headers = headers, .body = parts};
  if (!connection_.reusable()) {
    SL_ASSIGN(connection_, ClientConnection::Open(options_.host, options_.port, options_.tls,
                                                  {.connect = options_.connect_timeout}));
  }
  auto response = connection_.Exchange(request);
  if (!response.ok()) return std::move(response).error().At(Place(options_));
  if (response->status != kHttpOk) return ServerError(*response, options_);
  return ParseTabSeparated(response->body);
}

bool Session::is_tls() const { return options_.tls.mode != wire::TlsMode::kDisabled; }

std::string QuoteLiteral(std::string_view text) { return Quoted(text, '\''); }

std::string QuoteIdentifier(std::string_view name) { return Quoted(name, '`'); }

Result<Rows> ParseTabSeparated(std::string_view body) {
  Rows rows;
  std::vector<std::string> row(1);
  for (size_t i = 0; i < body.size(); ++i) {
    const char c = body[i];
    if (c == '\t') {
      row.emplace_back();
    } else if (c == '\n') {
      if (!rows.empty() && rows.front().size() != row.size()) {
        return Error{ErrorKind::kData, "an answer of ClickHouse has rows of different lengths"};
      }
      rows.push_back(std::move(row));
      row.assign(1, std::string());
    } else if (c == '\\' && i + 1 < body.size()) {
      ++i;
      if (body[i] != 'N') row.back() += Unescaped(body[i]);
    } else {
      row.back() += c;
    }
  }
  return rows;
}

}  // namespace starlift::clickhouse
