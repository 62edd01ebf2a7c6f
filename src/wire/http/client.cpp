#include "wire/http/client.h"

#include <algorithm>
#include <charconv>

#include <poll.h>

#include <boost/beast/core/detail/base64.hpp>
#include <boost/beast/http.hpp>
#include <fmt/format.h>

namespace starlift::wire::http {
namespace {

namespace beast_http = boost::beast::http;
using Parser = beast_http::response_parser<beast_http::string_body>;

constexpr size_t kReadBytes = 16 * 1024;
// Between two pieces of the body we look whether the peer has already answered.
constexpr size_t kBodyPieceBytes = 128 * 1024;
constexpr uint64_t kMaxResponseBytes = 256 * 1024 * 1024;
constexpr uint32_t kMaxHeaderBytes = 256 * 1024;

bool EqualIgnoringCase(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](unsigned char x, unsigned char y) {
    return std::tolower(x) == std::tolower(y);
  });
}

uint64_t BodyBytes(const ClientRequest& request) {
  uint64_t bytes = 0;
  for (const std::string_view piece : request.body) bytes += piece.size();
  return bytes;
}

std::string RequestHead(const ClientRequest& request, std::string_view authority) {
  std::string head =
      fmt::format("{} {} HTTP/1.1\r\nHost: {}\r\n", request.method, request.target, authority);
  for (const auto& [name, value] : request.headers) {
    head += name;
    head += ": ";
    head += value;
    head += "\r\n";
  }
  const uint64_t body_bytes = BodyBytes(request);
  if (body_bytes > 0 || request.method != "GET") {
    head += fmt::format("Content-Length: {}\r\n", body_bytes);
  }
  if (request.expect_continue) head += "Expect: 100-continue\r\n";
  return head + "\r\n";
}

ClientResponse TakeResponse(Parser& parser) {
  auto message = parser.release();
  ClientResponse response;
  response.status = static_cast<int>(message.result_int());
  response.reason = std::string(message.reason());
  for (const auto& field : message.base()) {
    response.headers.emplace_back(std::string(field.name_string()), std::string(field.value()));
  }
  response.keep_alive = message.keep_alive();
  response.body = std::move(message.body());
  return response;
}

}  // namespace

std::string_view ClientResponse::Find(std::string_view name) const {
  for (const auto& [header, value] : headers) {
    if (EqualIgnoringCase(header, name)) return value;
  }
  return {};
}

struct ClientConnection::State {
  Socket socket;
  std::string authority;  // the Host header
  ClientTimeouts timeouts;
  std::string input;  // read, but not yet parsed
  bool reusable = true;

  Status Fill() {
    const size_t old_size = input.size();
    input.resize(old_size + kReadBytes);
    Result<size_t> got = socket.ReadSome(std::span<char>(input.data() + old_size, kReadBytes));
    input.resize(old_size + (got.ok() ? *got : 0));
    if (!got.ok()) return std::move(got).error();
    if (*got == 0) {
      return Error{.kind = ErrorKind::kUnreachable,
                   .message = "the other end closed the connection without an answer"};
    }
    return {};
  }

  // Reads one whole response, interim ones included.
  Result<ClientResponse> ReadResponse() {
    Parser parser;
    parser.body_limit(kMaxResponseBytes);
    parser.header_limit(kMaxHeaderBytes);
    parser.eager(true);
    bool ended = false;
    while (!parser.is_done()) {
      boost::beast::error_code failure;
      size_t used = 0;
      if (!input.empty()) used = parser.put(boost::asio::buffer(input), failure);
      input.erase(0, used);
      if (failure && failure != beast_http::error::need_more) {
        return Error{.kind = ErrorKind::kData,
                     .message = fmt::format("the answer is not HTTP: {}", failure.message())};
      }
      if (parser.is_done()) break;
      if (ended) {
        failure = {};
        parser.put_eof(failure);
        if (failure)
          return Error{.kind = ErrorKind::kUnreachable,
                       .message = "the connection ended in the middle of the answer"};
        break;
      }
      if (Status filled = Fill(); !filled.ok()) {
        // An answer without a length ends with its connection.
        if (!parser.is_header_done()) return std::move(filled).error();
        ended = true;
      }
    }
    return TakeResponse(parser);
  }

  // Interim answers other than 100 mean nothing to us.
  Result<ClientResponse> ReadFinalResponse() {
    while (true) {
      SL_ASSIGN(ClientResponse response, ReadResponse());
      if (response.status >= 200) return response;
    }
  }

  // TLS has records of its own, so that readable doesn't mean that an answer is there.
  bool AnswerIsWaiting() {
    if (socket.is_tls()) return false;
    if (!input.empty()) return true;
    pollfd wait{socket.descriptor(), POLLIN, 0};
    return poll(&wait, 1, 0) > 0;
  }

  // False if the peer stopped listening or answered early: then there is an answer to be read.
  bool SendBody(const ClientRequest& request, ExchangeProgress& progress) {
    for (std::string_view piece : request.body) {
      while (!piece.empty()) {
        if (AnswerIsWaiting()) return false;
        const std::string_view part = piece.substr(0, kBodyPieceBytes);
        // Counted before: a failed write may have sent some of it.
        progress.body_bytes += part.size();
        if (!socket.WriteAll(part).ok()) return false;
        piece.remove_prefix(part.size());
      }
    }
    return true;
  }

  Result<ClientResponse> Exchange(const ClientRequest& request, ExchangeProgress& progress) {
    socket.SetWriteTimeout(timeouts.write);
    socket.SetReadTimeout(request.expect_continue ? timeouts.continue_wait : timeouts.response);
    SL_TRY(socket.WriteAll(RequestHead(request, authority)));
    progress.headers_sent = true;
    if (request.expect_continue) {
      SL_ASSIGN(ClientResponse interim, ReadResponse());
      while (interim.status > 100 && interim.status < 200) {
        SL_ASSIGN(interim, ReadResponse());
      }
      if (interim.status != 100) return interim;
    }
    progress.continued = true;
    const bool all_sent = SendBody(request, progress);
    socket.SetReadTimeout(timeouts.response);
    Result<ClientResponse> response = ReadFinalResponse();
    if (!all_sent && response.ok()) response->keep_alive = false;
    return response;
  }
};

ClientConnection::ClientConnection(std::unique_ptr<State> state) : state_(std::move(state)) {}
ClientConnection::~ClientConnection() = default;
ClientConnection::ClientConnection(ClientConnection&&) noexcept = default;
ClientConnection& ClientConnection::operator=(ClientConnection&&) noexcept = default;

Result<ClientConnection> ClientConnection::Open(const std::string& host, uint16_t port,
                                                const TlsOptions& tls,
                                                const ClientTimeouts& timeouts) {
  auto state = std::make_unique<State>();
  SL_ASSIGN(state->socket, Socket::Connect(host, port, timeouts.connect));
  state->timeouts = timeouts;
  state->authority = host.find(':') == std::string::npos ? fmt::format("{}:{}", host, port)
                                                         : fmt::format("[{}]:{}", host, port);
  if (tls.mode != TlsMode::kDisabled) {
    state->socket.SetReadTimeout(timeouts.connect);
    state->socket.SetWriteTimeout(timeouts.connect);
    SL_TRY(state->socket.StartTlsClient(tls, host));
  }
  return ClientConnection(std::move(state));
}

Result<ClientResponse> ClientConnection::Exchange(const ClientRequest& request,
                                                  ExchangeProgress* progress) {
  ExchangeProgress ignored;
  ExchangeProgress& reached = progress == nullptr ? ignored : *progress;
  reached = ExchangeProgress{};
  Result<ClientResponse> response = state_->Exchange(request, reached);
  // After an answer to the headers alone the peer may still wait for the body, so that the next
  // request would be taken for it.
  const bool body_withheld = request.expect_continue && !reached.continued;
  state_->reusable =
      response.ok() && response->keep_alive && !body_withheld && state_->input.empty();
  return response;
}

bool ClientConnection::reusable() const {
  if (!state_->reusable || !state_->socket.is_open()) return false;
  // Readable before a request: the peer has closed it.
  pollfd wait{state_->socket.descriptor(), POLLIN, 0};
  return poll(&wait, 1, 0) == 0;
}

void ClientConnection::Shutdown() { state_->socket.Shutdown(); }

std::string BasicAuthorization(std::string_view user, std::string_view password) {
  const std::string plain = fmt::format("{}:{}", user, password);
  namespace base64 = boost::beast::detail::base64;
  std::string encoded(base64::encoded_size(plain.size()), '\0');
  encoded.resize(base64::encode(encoded.data(), plain.data(), plain.size()));
  return "Basic " + encoded;
}

std::string PercentEncode(std::string_view text) {
  std::string encoded;
  for (const unsigned char c : text) {
    if (std::isalnum(c) || c == '-' || c == '_' || c == '.' || c == '~') {
      encoded += static_cast<char>(c);
    } else {
      encoded += fmt::format("%{:02X}", c);
    }
  }
  return encoded;
}

Result<Url> ParseUrl(std::string_view text) {
  const Error bad{.kind = ErrorKind::kData,
                  .message = fmt::format("`{}` is not an absolute http address", text)};
  Url url;
  const size_t colon = text.find("://");
  if (colon == std::string_view::npos) return bad;
  url.scheme = text.substr(0, colon);
  if (url.scheme != "http" && url.scheme != "https") return bad;
  url.port = url.scheme == "https" ? 443 : 80;
  text.remove_prefix(colon + 3);
  const size_t slash = text.find_first_of("/?#");
  std::string_view authority = text.substr(0, slash);
  url.target = slash == std::string_view::npos ? "/" : std::string(text.substr(slash));
  url.target = url.target.substr(0, url.target.find('#'));
  if (!url.target.starts_with('/')) url.target.insert(0, "/");
  if (const size_t at = authority.rfind('@'); at != std::string_view::npos) {
    authority.remove_prefix(at + 1);
  }
  size_t port_colon = std::string_view::npos;
  if (authority.starts_with('[')) {
    const size_t close = authority.find(']');
    if (close == std::string_view::npos) return bad;
    url.host = authority.substr(1, close - 1);
    port_colon = authority.find(':', close);
  } else {
    port_colon = authority.rfind(':');
    url.host = authority.substr(0, port_colon);
  }
  if (url.host.empty()) return bad;
  if (port_colon == std::string_view::npos) return url;
  const std::string_view port = authority.substr(port_colon + 1);
  const auto [end, failure] = std::from_chars(port.data(), port.data() + port.size(), url.port);
  if (failure != std::errc{} || end != port.data() + port.size()) return bad;
  return url;
}

}  // namespace starlift::wire::http
