#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace starlift::wire::http {

using Headers = std::vector<std::pair<std::string, std::string>>;

struct ServerOptions {
  std::string bind_address = "127.0.0.1";
  uint16_t port = 0;  // 0: a free one
  // Ends connections that send nothing for so long. 0: never.
  int idle_timeout_seconds = 60;
  size_t max_header_bytes = 64 * 1024;
};

// The body of a request, pulled by the handler as it comes from the network. Any length, any
// transfer coding. The first Read sends "100 Continue" if the client waits for it.
class RequestBody {
 public:
  virtual ~RequestBody() = default;
  // At least one byte, or 0 at the end. kUnreachable if the client went away, kData if its framing
  // is broken.
  virtual Result<size_t> Read(std::span<char> into) = 0;
};

struct Request {
  std::string method;
  std::string target;  // as sent: path, percent-encoded, and query
  std::string path;    // percent-decoded, without query
  std::string query;   // as sent, without '?'
  int version = 11;    // 10 or 11
  Headers headers;
  std::string peer_address;
  std::optional<uint64_t> content_length;
  bool chunked = false;
  RequestBody* body = nullptr;  // never null inside a handler

  // Case-insensitive; nullopt if absent, the first one if repeated.
  std::optional<std::string_view> Header(std::string_view name) const;
  // Percent-decoded value of a query parameter.
  std::optional<std::string> QueryParameter(std::string_view name) const;
  bool ExpectsContinue() const;
  // All that is left of the body. kData if longer than `limit` bytes.
  Result<std::string> ReadBody(size_t limit) const;
};

// Writes the answer. Exactly one of Send, or Begin + Write… + End, per request.
class Responder {
 public:
  virtual ~Responder() = default;

  // Answers at once, also before the body has been read: an unread body then costs the connection
  // (it is closed after the answer) unless it is small enough to be drained.
  virtual Status Send(int status, const Headers& headers, std::string_view body) = 0;
  // Chunked answer of unknown length.
  virtual Status Begin(int status, const Headers& headers) = 0;
  virtual Status Write(std::string_view bytes) = 0;
  virtual Status End() = 0;

  // The connection is closed after this answer, and says so ("Connection: close").
  virtual void ForceClose() = 0;
  // For tests of clients: cuts the connection after so many more bytes in either direction.
  virtual void CutAfterResponseBytes(uint64_t bytes) = 0;
  virtual void CutAfterRequestBytes(uint64_t bytes) = 0;
  // Cuts it now, without an answer.
  virtual void Abort() = 0;
};

// Runs on the connection's own thread; may block. An answer must have been given when it returns,
// else the server answers 500.
using Handler = std::function<void(const Request&, Responder&)>;

// HTTP/1.0 and 1.1 over TCP, one thread per connection, keep-alive. Expect: 100-continue is never
// answered by the server itself: the handler decides, by reading the body or by answering first.
class Server {
 public:
  // `before_serving` gets the port before the first connection is taken.
  static Result<std::unique_ptr<Server>> Start(
      const ServerOptions& options, Handler handler,
      const std::function<void(uint16_t)>& before_serving = {});
  ~Server();  // Stop

  uint16_t port() const;
  // No new connections; waits up to `grace_seconds` for running requests, then cuts them.
  void Stop(int grace_seconds = 5);

 private:
  Server();
  struct State;
  std::unique_ptr<State> state_;
};

std::string PercentDecode(std::string_view text);
std::string PercentEncodePath(std::string_view text);

}  // namespace starlift::wire::http
