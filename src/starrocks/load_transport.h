#pragma once

#include <chrono>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "starrocks/target_config.h"
#include "wire/http/client.h"

namespace starlift::starrocks {

struct TransportRequest {
  std::string_view method;
  std::string path;
  std::vector<std::pair<std::string, std::string>> headers;  // Authorization is added
  std::span<const std::string_view> body;
  bool expect_continue = false;
  // May be asked again without harm, whatever became of it.
  bool repeatable = false;
  // How long the server may think about it.
  std::chrono::milliseconds patience{30'000};
};

// What the last hop of a request came to.
struct TransportAnswer {
  Result<wire::http::ClientResponse> response;
  wire::http::ExchangeProgress progress;
  bool connected = false;
  int redirects = 0;
  Endpoint endpoint;

  // No answer came, and the server had all that it needed to do what was asked.
  bool may_have_happened(const TransportRequest& request) const;
};

// Requests to a cluster: which frontend to ask, redirects followed with the Authorization sent
// again, connections kept while they are good. Thread-safe: every request in flight has a
// connection of its own.
class LoadTransport {
 public:
  explicit LoadTransport(TargetConfig config);
  ~LoadTransport();

  // Begins at the frontend that worked last; goes to the next one as long as nothing can have
  // happened at the one before.
  TransportAnswer AskFrontends(const TransportRequest& request);
  // Begins at each configured backend in turn.
  TransportAnswer AskBackends(const TransportRequest& request);
  // One address, as an answer gave it; host mapping applies.
  TransportAnswer AskUrl(const wire::http::Url& url, TransportRequest request);

  const TargetConfig& config() const;
  // Ends every request in flight and all later ones. From any thread.
  void Interrupt();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace starlift::starrocks
