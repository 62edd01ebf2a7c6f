#include <atomic>
#include <cerrno>
#include <cstring>
#include <utility>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fmt/format.h>
#include <netdb.h>

#include "wire/socket.h"

namespace starlift::wire {

struct Listener::State {
  int descriptor = -1;
  uint16_t port = 0;
  std::atomic<bool> stopping{false};

  ~State() {
    if (descriptor >= 0) close(descriptor);
  }
};

Listener::Listener() : state_(std::make_unique<State>()) {}
Listener::~Listener() = default;
Listener::Listener(Listener&& other) noexcept = default;
Listener& Listener::operator=(Listener&& other) noexcept = default;

Result<Listener> Listener::Listen(const std::string& bind_address, uint16_t port) {
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  wanted.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* address = nullptr;
  const char* host = bind_address.empty() ? nullptr : bind_address.c_str();
  const int lookup = getaddrinfo(host, std::to_string(port).c_str(), &wanted, &address);
  if (lookup != 0) {
    return Error{
        .kind = ErrorKind::kUsage,
        .message = fmt::format("cannot listen on {}: {}", bind_address, gai_strerror(lookup))};
  }
  Listener listener;
  State& state = *listener.state_;
  state.descriptor = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  int failure = 0;
  if (state.descriptor < 0) {
    failure = errno;
  } else {
    const int on = 1;
    setsockopt(state.descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(state.descriptor, address->ai_addr, address->ai_addrlen) != 0 ||
        listen(state.descriptor, SOMAXCONN) != 0) {
      failure = errno;
    }
  }
  freeaddrinfo(address);
  if (failure == EADDRINUSE) {
    return Error{
        .kind = ErrorKind::kConflict,
        .message = fmt::format("port {} on {} is occupied by another program", port, bind_address),
        .mend = "choose another port"};
  }
  if (failure != 0) {
    return Error{.kind = ErrorKind::kUsage,
                 .message = fmt::format("cannot listen on {}:{}: {}", bind_address, port,
                                        std::strerror(failure))};
  }
  sockaddr_storage bound{};
  socklen_t size = sizeof bound;
  getsockname(state.descriptor, reinterpret_cast<sockaddr*>(&bound), &size);
  state.port =
      ntohs(bound.ss_family == AF_INET6 ? reinterpret_cast<sockaddr_in6*>(&bound)->sin6_port
                                        : reinterpret_cast<sockaddr_in*>(&bound)->sin_port);
  return listener;
}

uint16_t Listener::port() const { return state_->port; }

Result<Socket> Listener::Accept() {
  while (!state_->stopping) {
    const int accepted = accept4(state_->descriptor, nullptr, nullptr, SOCK_CLOEXEC);
    if (accepted >= 0) {
      if (!state_->stopping) return Socket::Adopt(accepted);
      close(accepted);
      break;
    }
    if (state_->stopping) break;
    // A client that gave up before it was taken is no trouble of the listener's.
    if (errno == EINTR || errno == ECONNABORTED || errno == EPROTO) continue;
    return Error{.kind = ErrorKind::kUnreachable,
                 .message = fmt::format("cannot accept connections: {}", std::strerror(errno))};
  }
  return Error{.kind = ErrorKind::kCancelled, .message = "the listener was shut down"};
}

// On Linux shutdown(2) of a listening socket wakes accept(2) with EINVAL.
void Listener::Shutdown() {
  state_->stopping = true;
  shutdown(state_->descriptor, SHUT_RDWR);
}

}  // namespace starlift::wire
