#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "wire/socket.h"

namespace starlift::wire::http {

struct ClientRequest {
  std::string_view method = "GET";
  std::string_view target = "/";  // path and query, already percent-encoded
  // Host, Content-Length and Expect are written by the connection.
  std::span<const std::pair<std::string, std::string>> headers;
  // Sent one after the other with one Content-Length.
  std::span<const std::string_view> body;
  // Send the headers with `Expect: 100-continue` and the body only after "100 Continue".
  bool expect_continue = false;
};

struct ClientResponse {
  int status = 0;
  std::string reason;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  bool keep_alive = false;

  // Case-insensitive; empty if absent.
  std::string_view Find(std::string_view name) const;
};

// How far a request got: what tells "surely not done" from "perhaps done".
struct ExchangeProgress {
  bool headers_sent = false;
  bool continued = false;   // "100 Continue" came, or none was asked for
  uint64_t body_bytes = 0;  // handed to the socket
};

struct ClientTimeouts {
  std::chrono::milliseconds connect{10'000};
  std::chrono::milliseconds continue_wait{60'000};  // headers sent → 100 or a final answer
  std::chrono::milliseconds write{60'000};          // of one piece of the body
  std::chrono::milliseconds response{600'000};      // body sent → answer
};

// One HTTP/1.1 connection. Follows no redirect and retries nothing: its users do, each in its own
// way. Used by one thread; Shutdown may be called from another. Errors are kUnreachable, but kData
// for an answer that isn't HTTP.
class ClientConnection {
 public:
  static Result<ClientConnection> Open(const std::string& host, uint16_t port,
                                       const TlsOptions& tls, const ClientTimeouts& timeouts);
  ~ClientConnection();
  ClientConnection(ClientConnection&&) noexcept;
  ClientConnection& operator=(ClientConnection&&) noexcept;

  // Sends and waits. A final answer that comes before or while the body is sent ends the sending
  // and is returned: also when the peer has closed its side by then.
  Result<ClientResponse> Exchange(const ClientRequest& request,
                                  ExchangeProgress* progress = nullptr);

  // Can take another request. A server may still close it at any moment.
  bool reusable() const;
  void Shutdown();

 private:
  struct State;
  explicit ClientConnection(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// "Basic …" for an Authorization header.
std::string BasicAuthorization(std::string_view user, std::string_view password);

// Percent-encodes one path segment or query value.
std::string PercentEncode(std::string_view text);

struct Url {
  std::string scheme;
  std::string host;
  uint16_t port = 0;   // the scheme's own if not given
  std::string target;  // path and query, "/" at least
};

// Absolute http(s) URLs, as in Location. User parts are dropped. kData if it isn't one.
Result<Url> ParseUrl(std::string_view text);

}  // namespace starlift::wire::http
