#include "sources/hive/transport.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string>
#include <utility>

#include <fmt/format.h>
#include <thrift/transport/TVirtualTransport.h>

#include "sources/hive/gssapi_login.h"
#include "wire/http/client.h"

namespace starlift::hive {
namespace {

using apache::thrift::transport::TTransport;
using apache::thrift::transport::TTransportException;
using apache::thrift::transport::TVirtualTransport;

constexpr uint32_t kMostFrameBytes = 1u << 30;
constexpr int kHttpOk = 200;
constexpr int kHttpUnauthorized = 401;

[[noreturn]] void Throw(const Error& error) {
  throw TTransportException(TTransportException::UNKNOWN, error.ToString());
}

std::string BigEndian(uint32_t number) {
  return {static_cast<char>(number >> 24), static_cast<char>(number >> 16),
          static_cast<char>(number >> 8), static_cast<char>(number)};
}

uint32_t FromBigEndian(std::string_view bytes) {
  uint32_t number = 0;
  for (const char c : bytes.substr(0, 4)) number = number << 8 | static_cast<unsigned char>(c);
  return number;
}

// Writes gather until flush; reads are served from what one unit of the line brought.
class BufferedLine : public TVirtualTransport<BufferedLine> {
 public:
  bool isOpen() const override { return true; }

  uint32_t read(uint8_t* into, uint32_t wanted) {
    if (at_ == received_.size()) {
      received_.clear();
      at_ = 0;
      Receive(received_);
    }
    const auto given = static_cast<uint32_t>(std::min<size_t>(wanted, received_.size() - at_));
    std::memcpy(into, received_.data() + at_, given);
    at_ += given;
    return given;
  }
  void write(const uint8_t* bytes, uint32_t count) {
    pending_.append(reinterpret_cast<const char*>(bytes), count);
  }
  void flush() override {
    const std::string whole = std::exchange(pending_, {});
    Send(whole);
  }

 protected:
  // At least one byte, or an exception.
  virtual void Receive(std::string& into) = 0;
  virtual void Send(std::string_view whole) = 0;

 private:
  std::string pending_;
  std::string received_;
  size_t at_ = 0;
};

class PlainLine final : public BufferedLine {
 public:
  explicit PlainLine(wire::Socket socket) : socket_(std::move(socket)) {}

 protected:
  void Receive(std::string& into) override {
    into.resize(size_t{64} * 1024);
    const auto count = socket_.ReadSome(into);
    if (!count.ok()) Throw(count.error());
    if (*count == 0) throw TTransportException(TTransportException::END_OF_FILE, "server closed");
    into.resize(*count);
  }
  void Send(std::string_view whole) override {
    if (const Status sent = socket_.WriteAll(whole); !sent.ok()) Throw(sent.error());
  }

 private:
  wire::Socket socket_;
};

// The SASL negotiation and frames of thrift's SASL transports: a status byte, a length in four
// bytes, a payload; once it is complete, frames of length and payload.
enum SaslStatus : char { kStart = 1, kOk = 2, kBad = 3, kError = 4, kComplete = 5 };

Status SendSasl(wire::Socket& socket, SaslStatus status, std::string_view payload) {
  std::string message(1, status);
  message += BigEndian(static_cast<uint32_t>(payload.size()));
  message += payload;
  return socket.WriteAll(message);
}

struct SaslMessage {
  char status = 0;
  std::string payload;
};

Result<SaslMessage> ReceiveSasl(wire::Socket& socket) {
  std::array<char, 5> head{};
  SL_TRY(socket.ReadExactly(head));
  const uint32_t length = FromBigEndian({head.data() + 1, 4});
  if (length > kMostFrameBytes) {
    return Error{.kind = ErrorKind::kData,
                 .message = "what answers there speaks no SASL",
                 .mend =
                     "use ?authentication=nosasl, or none-http if the server's transport mode "
                     "is http"};
  }
  SaslMessage message{.status = head[0], .payload = std::string(length, '\0')};
  SL_TRY(socket.ReadExactly(message.payload));
  return message;
}

Error LoginRefused(const std::string& reason) {
  return Error{.kind = ErrorKind::kRefused,
               .message = fmt::format("the server refuses the login: {}", reason),
               .mend =
                   "see the server's hive.server2.authentication, and give it as "
                   "?authentication=…, with the right user and password"};
}

Status LogInPlain(wire::Socket& socket, const ConnectOptions& options) {
  // The server takes any name and password without authentication, but not none.
  const std::string user = options.user.empty() ? "anonymous" : options.user;
  const std::string password = options.password.empty() ? "anonymous" : options.password;
  std::string token(1, '\0');
  token += user;
  token += '\0';
  token += password;
  SL_TRY(SendSasl(socket, kStart, "PLAIN"));
  SL_TRY(SendSasl(socket, kOk, token));
  SL_ASSIGN(const SaslMessage answer, ReceiveSasl(socket));
  if (answer.status != kComplete) return LoginRefused(answer.payload);
  return {};
}

Status LogInByKerberos(wire::Socket& socket, const ConnectOptions& options) {
  SL_ASSIGN(GssapiLogin login, GssapiLogin::Begin(options.user));
  SL_TRY(SendSasl(socket, kStart, "GSSAPI"));
  std::string challenge;
  while (true) {
    SL_ASSIGN(const std::string token, login.Step(challenge));
    SL_TRY(SendSasl(socket, login.done() ? kComplete : kOk, token));
    SL_ASSIGN(SaslMessage answer, ReceiveSasl(socket));
    if (answer.status == kComplete) return {};
    if (answer.status != kOk) return LoginRefused(answer.payload);
    challenge = std::move(answer.payload);
  }
}

class SaslLine final : public BufferedLine {
 public:
  explicit SaslLine(wire::Socket socket) : socket_(std::move(socket)) {}

 protected:
  void Receive(std::string& into) override {
    std::array<char, 4> head{};
    if (const Status read = socket_.ReadExactly(head); !read.ok()) Throw(read.error());
    const uint32_t length = FromBigEndian({head.data(), 4});
    if (length == 0 || length > kMostFrameBytes) {
      throw TTransportException(TTransportException::CORRUPTED_DATA, "a frame of no sane length");
    }
    into.resize(length);
    if (const Status read = socket_.ReadExactly(into); !read.ok()) Throw(read.error());
  }
  void Send(std::string_view whole) override {
    const std::string head = BigEndian(static_cast<uint32_t>(whole.size()));
    if (const Status sent = socket_.WriteAll(head + std::string(whole)); !sent.ok()) {
      Throw(sent.error());
    }
  }

 private:
  wire::Socket socket_;
};

// One POST per call; the answer's body holds the call's answer.
class HttpLine final : public BufferedLine {
 public:
  HttpLine(const ConnectOptions& options, wire::http::ClientConnection connection)
      : target_("/" + options.http_path), connection_(std::move(connection)) {
    headers_.emplace_back("Content-Type", "application/x-thrift");
    headers_.emplace_back("Accept", "application/x-thrift");
    if (options.authentication != Authentication::kKerberos) {
      headers_.emplace_back("Authorization",
                            wire::http::BasicAuthorization(
                                options.user.empty() ? "anonymous" : options.user,
                                options.password.empty() ? "anonymous" : options.password));
    } else {
      principal_ = options.user;
    }
  }

 protected:
  void Receive(std::string& into) override {
    if (answer_.empty()) {
      throw TTransportException(TTransportException::END_OF_FILE, "the answer is too short");
    }
    into = std::exchange(answer_, {});
  }

  void Send(std::string_view whole) override {
    auto headers = headers_;
    if (!principal_.empty()) headers.emplace_back("Authorization", Negotiate());
    if (!cookie_.empty()) headers.emplace_back("Cookie", cookie_);
    const std::array<std::string_view, 1> body = {whole};
    auto response = connection_.Exchange(
        {.method = "POST", .target = target_, .headers = headers, .body = body});
    if (!response.ok()) Throw(response.error());
    if (response->status == kHttpUnauthorized) Throw(LoginRefused(response->reason));
    if (response->status != kHttpOk) {
      Throw(Error{ErrorKind::kRefused,
                  fmt::format("HTTP {} {}", response->status, response->reason)});
    }
    const std::string_view cookie = response->Find("Set-Cookie");
    if (!cookie.empty()) cookie_ = cookie.substr(0, cookie.find(';'));
    answer_ = std::move(response->body);
  }

 private:
  std::string Negotiate() const {
    auto login = GssapiLogin::Begin(principal_);
    if (!login.ok()) Throw(login.error());
    auto header = login->HttpHeader();
    if (!header.ok()) Throw(header.error());
    return std::move(*header);
  }

  const std::string target_;
  std::vector<std::pair<std::string, std::string>> headers_;
  std::string principal_;
  std::string cookie_;
  std::string answer_;
  wire::http::ClientConnection connection_;
};

}  // namespace

Result<std::shared_ptr<TTransport>> OpenTransport(const ConnectOptions& options) {
  const std::string place = fmt::format("HiveServer2 at {}:{}", options.host, options.port);
  if (options.transport == Transport::kHttp) {
    auto connection = wire::http::ClientConnection::Open(options.host, options.port, options.tls,
                                                         {.connect = options.connect_timeout});
    if (!connection.ok()) return std::move(connection).error().At(place);
    return std::shared_ptr<TTransport>(std::make_shared<HttpLine>(options, std::move(*connection)));
  }
  auto socket = wire::Socket::Connect(options.host, options.port, options.connect_timeout);
  if (!socket.ok()) return std::move(socket).error().At(place);
  if (options.tls.mode != wire::TlsMode::kDisabled) {
    if (auto secured = socket->StartTlsClient(options.tls, options.host); !secured.ok()) {
      return std::move(secured).error().At(place);
    }
  }
  if (options.authentication == Authentication::kNoSasl) {
    return std::shared_ptr<TTransport>(std::make_shared<PlainLine>(std::move(*socket)));
  }
  socket->SetReadTimeout(options.connect_timeout);
  Status login = options.authentication == Authentication::kKerberos
                     ? LogInByKerberos(*socket, options)
                     : LogInPlain(*socket, options);
  if (!login.ok()) {
    Error error = std::move(login).error().At(place);
    if (error.mend.empty()) {
      error.mend =
          "a server that says nothing to SASL may want ?authentication=nosasl or none-http";
    }
    return error;
  }
  socket->SetReadTimeout(std::chrono::milliseconds(0));
  return std::shared_ptr<TTransport>(std::make_shared<SaslLine>(std::move(*socket)));
}

}  // namespace starlift::hive
