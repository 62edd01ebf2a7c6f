#include "wire/socket.h"

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <mutex>
#include <optional>
#include <utility>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fmt/format.h>
#include <netdb.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

namespace starlift::wire {
namespace {

using std::chrono::milliseconds;

Error Unreachable(std::string message) {
  return Error{.kind = ErrorKind::kUnreachable, .message = std::move(message)};
}

std::string ErrnoText(int code) { return std::strerror(code); }

// OpenSSL keeps a queue of errors per thread; takes the first and empties the rest.
std::string TakeTlsError(std::string_view otherwise) {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  if (code == 0) return std::string(otherwise);
  char text[256];
  ERR_error_string_n(code, text, sizeof text);
  const char* reason = ERR_reason_error_string(code);
  return reason != nullptr ? reason : text;
}

// OpenSSL writes with write(2), which raises SIGPIPE at a closed peer.
void IgnoreBrokenPipes() {
  static std::once_flag once;
  std::call_once(once, [] { std::signal(SIGPIPE, SIG_IGN); });
}

// How long one wait inside the kernel lasts where a cancellation is to be heeded.
constexpr milliseconds kCancellationTick{250};

// Who asks for much at a time, again and again, is woken once much is there instead of at the first
// byte: servers send 16 KiB at a time, and waking up for each would cost more than reading it. What
// is left at the end, being less, lies unread for a tick: not worth it for little.
constexpr size_t kBulkReadBytes = size_t{96} << 10;
constexpr uint64_t kBulkAfterBytes = uint64_t{8} << 20;
constexpr int kBulkLowWaterBytes = 128 << 10;
constexpr milliseconds kBulkTick{4};

void SetTimeout(int descriptor, int option, milliseconds timeout) {
  timeval value{};
  value.tv_sec = timeout.count() / 1000;
  value.tv_usec = (timeout.count() % 1000) * 1000;
  setsockopt(descriptor, SOL_SOCKET, option, &value, sizeof value);
}

void SetUsualOptions(int descriptor) {
  const int on = 1;
  setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  setsockopt(descriptor, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  // A host that vanished without a word is noticed after two minutes; the system's own figure is
  // two hours.
  const int idle_seconds = 60;
  const int interval_seconds = 10;
  const int probes = 6;
  setsockopt(descriptor, IPPROTO_TCP, TCP_KEEPIDLE, &idle_seconds, sizeof idle_seconds);
  setsockopt(descriptor, IPPROTO_TCP, TCP_KEEPINTVL, &interval_seconds, sizeof interval_seconds);
  setsockopt(descriptor, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof probes);
}

struct AddressList {
  addrinfo* first = nullptr;
  ~AddressList() {
    if (first != nullptr) freeaddrinfo(first);
  }
};

// 0, or the errno of the failed attempt.
int ConnectWithin(int descriptor, const addrinfo& address, milliseconds timeout) {
  const int flags = fcntl(descriptor, F_GETFL);
  fcntl(descriptor, F_SETFL, flags | O_NONBLOCK);
  if (connect(descriptor, address.ai_addr, address.ai_addrlen) != 0) {
    if (errno != EINPROGRESS) return errno;
    const auto deadline = std::chrono::steady_clock::now() + timeout;
    pollfd wait{descriptor, POLLOUT, 0};
    int ready = 0;
    do {
      const auto left =
          std::chrono::duration_cast<milliseconds>(deadline - std::chrono::steady_clock::now())
              .count();
      const int wait_ms = timeout.count() == 0 ? -1 : static_cast<int>(std::max<int64_t>(left, 0));
      ready = poll(&wait, 1, wait_ms);
    } while (ready < 0 && errno == EINTR);
    if (ready < 0) return errno;
    if (ready == 0) return ETIMEDOUT;
    int failure = 0;
    socklen_t size = sizeof failure;
    getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &failure, &size);
    if (failure != 0) return failure;
  }
  fcntl(descriptor, F_SETFL, flags);
  return 0;
}

bool LooksLikeAddress(const std::string& host) {
  in6_addr scratch;
  return inet_pton(AF_INET, host.c_str(), &scratch) == 1 ||
         inet_pton(AF_INET6, host.c_str(), &scratch) == 1;
}

}  // namespace

struct Socket::State {
  // Written once by the owner; atomic because Shutdown reads it from another thread.
  std::atomic<int> descriptor{-1};
  SSL_CTX* context = nullptr;
  SSL* tls = nullptr;
  milliseconds read_timeout{0};
  milliseconds write_timeout{0};
  const Cancellation* cancellation = nullptr;
  uint64_t bulk_bytes = 0;  // read by large reads, one after the other
  bool bulk = false;

  ~State() { Close(); }

  void Close() {
    if (tls != nullptr) {
      SSL_shutdown(tls);
      SSL_free(tls);
      ERR_clear_error();
      tls = nullptr;
    }
    if (context != nullptr) {
      SSL_CTX_free(context);
      context = nullptr;
    }
    const int open = descriptor.exchange(-1);
    if (open >= 0) close(open);
  }

  // The kernel waits for the shorter of the time-out and the cancellation's tick.
  void ApplyTimeouts() const {
    const auto wait = [&](milliseconds timeout, milliseconds tick) {
      if (cancellation == nullptr) return timeout;
      return timeout.count() == 0 ? tick : std::min(timeout, tick);
    };
    SetTimeout(descriptor, SO_RCVTIMEO, wait(read_timeout, ReadTick()));
    SetTimeout(descriptor, SO_SNDTIMEO, wait(write_timeout, kCancellationTick));
  }

  milliseconds ReadTick() const { return bulk ? kBulkTick : kCancellationTick; }

  void SetBulk(bool on) {
    bulk = on;
    const int low_water = on ? kBulkLowWaterBytes : 1;
    setsockopt(descriptor, SOL_SOCKET, SO_RCVLOWAT, &low_water, sizeof low_water);
    ApplyTimeouts();
  }

  // Before and after a read without TLS. Without a cancellation waits have no ticks.
  void ExpectRead(size_t asked) {
    if (asked >= kBulkReadBytes) return;
    bulk_bytes = 0;
    if (bulk) SetBulk(false);
  }
  void CountRead(size_t asked, size_t got) {
    if (asked < kBulkReadBytes || cancellation == nullptr || bulk) return;
    bulk_bytes += got;
    if (bulk_bytes >= kBulkAfterBytes) SetBulk(true);
  }

  // A wait ended without a byte: nothing if it may go on, else why it may not.
  std::optional<Error> AfterWait(std::chrono::steady_clock::time_point begin, milliseconds timeout,
                                 bool reading) const {
    if (cancellation == nullptr) return reading ? ReadFailure(EAGAIN) : WriteFailure(EAGAIN);
    if (cancellation->requested()) {
      return Error{.kind = ErrorKind::kCancelled, .message = "stopped by request"};
    }
    if (timeout.count() > 0 && std::chrono::steady_clock::now() - begin >= timeout) {
      return reading ? ReadFailure(EAGAIN) : WriteFailure(EAGAIN);
    }
    return std::nullopt;
  }

  Error ReadFailure(int code) const {
    if (code == EAGAIN || code == EWOULDBLOCK)
      return Unreachable("the other end sent nothing within the time-out");
    return Unreachable(fmt::format("the connection broke while reading: {}", ErrnoText(code)));
  }
  Error WriteFailure(int code) const {
    if (code == EAGAIN || code == EWOULDBLOCK)
      return Unreachable("the other end took nothing within the time-out");
    return Unreachable(fmt::format("the connection broke while writing: {}", ErrnoText(code)));
  }

  // The bytes read (0: the orderly end), or nothing with the errno of a wait that ended.
  Result<std::optional<size_t>> ReadTls(std::span<char> into, int& failure) {
    size_t got = 0;
    ERR_clear_error();
    errno = 0;
    if (SSL_read_ex(tls, into.data(), into.size(), &got) == 1) return std::optional(got);
    failure = errno;
    switch (SSL_get_error(tls, 0)) {
      case SSL_ERROR_ZERO_RETURN:
        return std::optional<size_t>(0);
      case SSL_ERROR_WANT_READ:
      case SSL_ERROR_WANT_WRITE:
        if (failure != EINTR) failure = EAGAIN;
        return std::optional<size_t>();
      case SSL_ERROR_SYSCALL:
        if (failure == 0) return std::optional<size_t>(0);
        return std::optional<size_t>();
      default:
        // OpenSSL 3 takes a peer that closed without close_notify for an error; MySQL servers do
        // so.
        if (ERR_GET_REASON(ERR_peek_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING) {
          ERR_clear_error();
          return std::optional<size_t>(0);
        }
        return Unreachable("the TLS connection broke while reading: " +
                           TakeTlsError("protocol error"));
    }
  }

  // The bytes taken, or 0 with the errno of a wait that ended.
  Result<size_t> WriteTls(std::string_view bytes, int& failure) {
    size_t taken = 0;
    ERR_clear_error();
    errno = 0;
    if (SSL_write_ex(tls, bytes.data(), bytes.size(), &taken) == 1) return taken;
    failure = errno;
    switch (SSL_get_error(tls, 0)) {
      case SSL_ERROR_WANT_READ:
      case SSL_ERROR_WANT_WRITE:
        if (failure != EINTR) failure = EAGAIN;
        return size_t{0};
      case SSL_ERROR_SYSCALL:
        if (failure == 0) failure = EPIPE;
        return size_t{0};
      default:
        return Unreachable("the TLS connection broke while writing: " +
                           TakeTlsError("protocol error"));
    }
  }

  Status LoadCertificate(const TlsOptions& options) {
    if (options.certificate_file.empty()) return {};
    if (SSL_CTX_use_certificate_chain_file(context, options.certificate_file.c_str()) != 1) {
      return Error{
          .kind = ErrorKind::kUsage,
          .message = fmt::format("cannot use the certificate file {}: {}", options.certificate_file,
                                 TakeTlsError("not a PEM certificate"))};
    }
    const std::string& key = options.key_file.empty() ? options.certificate_file : options.key_file;
    if (SSL_CTX_use_PrivateKey_file(context, key.c_str(), SSL_FILETYPE_PEM) != 1) {
      return Error{.kind = ErrorKind::kUsage,
                   .message = fmt::format("cannot use the key file {}: {}", key,
                                          TakeTlsError("not a PEM key"))};
    }
    return {};
  }

  Status LoadAuthorities(const TlsOptions& options) {
    if (options.ca_file.empty()) {
      SSL_CTX_set_default_verify_paths(context);
      return {};
    }
    if (SSL_CTX_load_verify_locations(context, options.ca_file.c_str(), nullptr) != 1) {
      return Error{.kind = ErrorKind::kUsage,
                   .message = fmt::format("cannot use the CA file {}: {}", options.ca_file,
                                          TakeTlsError("not a PEM certificate"))};
    }
    return {};
  }

  void ExpectHost(const std::string& host) {
    X509_VERIFY_PARAM* parameters = SSL_get0_param(tls);
    if (LooksLikeAddress(host)) {
      X509_VERIFY_PARAM_set1_ip_asc(parameters, host.c_str());
    } else {
      X509_VERIFY_PARAM_set_hostflags(parameters, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
      X509_VERIFY_PARAM_set1_host(parameters, host.c_str(), 0);
    }
  }

  Status Handshake(int (*step)(SSL*)) {
    const auto begin = std::chrono::steady_clock::now();
    while (true) {
      ERR_clear_error();
      const int outcome = step(tls);
      if (outcome == 1) return {};
      const int why = SSL_get_error(tls, outcome);
      if (why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE) {
        return HandshakeFailure(outcome);
      }
      if (auto ended = AfterWait(begin, read_timeout, true)) return *std::move(ended);
    }
  }

  Error HandshakeFailure(int outcome) {
    const long verdict = SSL_get_verify_result(tls);
    if (verdict != X509_V_OK && SSL_get_verify_mode(tls) != SSL_VERIFY_NONE) {
      ERR_clear_error();
      return Error{.kind = ErrorKind::kRefused,
                   .message = fmt::format("the server's TLS certificate was not accepted: {}",
                                          X509_verify_cert_error_string(verdict)),
                   .mend = "name the CA that signed it, or lower the TLS mode"};
    }
    const int why = SSL_get_error(tls, outcome);
    return Unreachable(fmt::format("TLS could not be agreed on: {}",
                                   why == SSL_ERROR_SYSCALL
                                       ? TakeTlsError("the other end closed the connection")
                                       : TakeTlsError("handshake failed")));
  }
};

Socket::Socket() : state_(std::make_unique<State>()) {}
Socket::~Socket() = default;
Socket::Socket(Socket&& other) noexcept : state_(std::exchange(other.state_, nullptr)) {}
Socket& Socket::operator=(Socket&& other) noexcept {
  state_ = std::exchange(other.state_, nullptr);
  return *this;
}

Result<Socket> Socket::Connect(const std::string& host, uint16_t port, milliseconds timeout) {
  IgnoreBrokenPipes();
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  wanted.ai_flags = AI_NUMERICSERV | AI_ADDRCONFIG;
  if (LooksLikeAddress(host)) wanted.ai_flags = AI_NUMERICSERV | AI_NUMERICHOST;
  AddressList addresses;
  const int lookup =
      getaddrinfo(host.c_str(), std::to_string(port).c_str(), &wanted, &addresses.first);
  if (lookup != 0) {
    return Unreachable(
        fmt::format("the host name {} cannot be resolved: {}", host, gai_strerror(lookup)));
  }
  int failure = EADDRNOTAVAIL;
  for (const addrinfo* address = addresses.first; address != nullptr; address = address->ai_next) {
    const int descriptor = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) {
      failure = errno;
      continue;
    }
    failure = ConnectWithin(descriptor, *address, timeout);
    if (failure == 0) return Adopt(descriptor);
    close(descriptor);
  }
  return Unreachable(fmt::format("cannot connect to {}:{}: {}", host, port, ErrnoText(failure)));
}

Socket Socket::Adopt(int descriptor) {
  IgnoreBrokenPipes();
  Socket socket;
  socket.state_->descriptor = descriptor;
  SetUsualOptions(descriptor);
  return socket;
}

bool Socket::is_open() const { return state_ != nullptr && state_->descriptor >= 0; }
bool Socket::is_tls() const { return state_ != nullptr && state_->tls != nullptr; }
int Socket::descriptor() const { return state_ == nullptr ? -1 : state_->descriptor.load(); }

Result<size_t> Socket::ReadSome(std::span<char> into) {
  if (!is_open()) return Unreachable("the connection is closed");
  if (into.empty()) return size_t{0};
  std::optional<std::chrono::steady_clock::time_point> waiting_since;
  if (state_->tls == nullptr) state_->ExpectRead(into.size());
  while (true) {
    int failure = 0;
    if (state_->tls == nullptr) {
      const ssize_t got = recv(state_->descriptor, into.data(), into.size(), 0);
      if (got >= 0) {
        state_->CountRead(into.size(), static_cast<size_t>(got));
        return static_cast<size_t>(got);
      }
      failure = errno;
    } else {
      SL_ASSIGN(const std::optional<size_t> got, state_->ReadTls(into, failure));
      if (got) return *got;
    }
    if (failure == EINTR) continue;
    if (failure != EAGAIN && failure != EWOULDBLOCK) return state_->ReadFailure(failure);
    // The wait that just ended began a tick ago; its exact begin is not worth a clock read per
    // call.
    if (!waiting_since) waiting_since = std::chrono::steady_clock::now() - state_->ReadTick();
    if (auto ended = state_->AfterWait(*waiting_since, state_->read_timeout, true)) {
      return *std::move(ended);
    }
  }
}

Status Socket::ReadExactly(std::span<char> into) {
  while (!into.empty()) {
    SL_ASSIGN(const size_t got, ReadSome(into));
    if (got == 0) return Unreachable("the other end closed the connection");
    into = into.subspan(got);
  }
  return {};
}

Result<bool> Socket::WaitReadable(milliseconds timeout) {
  if (!is_open()) return Unreachable("the connection is closed");
  if (state_->tls != nullptr && SSL_pending(state_->tls) > 0) return true;
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  milliseconds left = timeout;
  while (true) {
    pollfd wait{state_->descriptor, POLLIN, 0};
    const milliseconds tick =
        state_->cancellation == nullptr ? left : std::min(left, kCancellationTick);
    const int ready = poll(&wait, 1, static_cast<int>(tick.count()));
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return state_->ReadFailure(errno);
    if (state_->cancellation != nullptr && state_->cancellation->requested()) {
      return Error{.kind = ErrorKind::kCancelled, .message = "stopped by request"};
    }
    left = std::chrono::ceil<milliseconds>(deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) return false;
  }
}

Status Socket::WriteAll(std::string_view bytes) {
  if (!is_open()) return Unreachable("the connection is closed");
  std::optional<std::chrono::steady_clock::time_point> waiting_since;
  while (!bytes.empty()) {
    int failure = 0;
    if (state_->tls == nullptr) {
      const ssize_t taken = send(state_->descriptor, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (taken >= 0) {
        bytes.remove_prefix(static_cast<size_t>(taken));
        waiting_since.reset();
        continue;
      }
      failure = errno;
    } else {
      SL_ASSIGN(const size_t taken, state_->WriteTls(bytes, failure));
      if (taken > 0) {
        bytes.remove_prefix(taken);
        waiting_since.reset();
        continue;
      }
    }
    if (failure == EINTR) continue;
    if (failure != EAGAIN && failure != EWOULDBLOCK) return state_->WriteFailure(failure);
    if (!waiting_since) waiting_since = std::chrono::steady_clock::now() - kCancellationTick;
    if (auto ended = state_->AfterWait(*waiting_since, state_->write_timeout, false)) {
      return *std::move(ended);
    }
  }
  return {};
}

void Socket::SetReadTimeout(milliseconds timeout) {
  if (!is_open()) return;
  state_->read_timeout = timeout;
  state_->ApplyTimeouts();
}
void Socket::SetWriteTimeout(milliseconds timeout) {
  if (!is_open()) return;
  state_->write_timeout = timeout;
  state_->ApplyTimeouts();
}
void Socket::SetCancellation(const Cancellation* cancellation) {
  if (!is_open()) return;
  state_->cancellation = cancellation;
  state_->ApplyTimeouts();
}

Status Socket::StartTlsClient(const TlsOptions& options, const std::string& host) {
  if (!is_open()) return Unreachable("the connection is closed");
  state_->context = SSL_CTX_new(TLS_client_method());
  if (state_->context == nullptr) {
    return Error{.kind = ErrorKind::kInternal, .message = "OpenSSL: " + TakeTlsError("no context")};
  }
  SSL_CTX_set_min_proto_version(state_->context, TLS1_2_VERSION);
  SSL_CTX_set_mode(state_->context, SSL_MODE_AUTO_RETRY);
  const bool verify =
      options.mode == TlsMode::kVerifyCa || options.mode == TlsMode::kVerifyIdentity;
  if (verify) {
    SL_TRY(state_->LoadAuthorities(options));
  } else {
    // Servers of the MySQL 5.6 age have nothing newer than TLS 1.0 and keys of 1024 bits. Who asks
    // for no verification gets what the server can; who verifies gets at least TLS 1.2.
    SSL_CTX_set_min_proto_version(state_->context, TLS1_VERSION);
    SSL_CTX_set_security_level(state_->context, 0);
  }
  SSL_CTX_set_verify(state_->context, verify ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
  SL_TRY(state_->LoadCertificate(options));
  state_->tls = SSL_new(state_->context);
  SSL_set_fd(state_->tls, state_->descriptor);
  if (options.mode == TlsMode::kVerifyIdentity) state_->ExpectHost(host);
  if (!LooksLikeAddress(host)) SSL_set_tlsext_host_name(state_->tls, host.c_str());
  return state_->Handshake(SSL_connect);
}

Status Socket::StartTlsServer(const TlsOptions& options) {
  if (!is_open()) return Unreachable("the connection is closed");
  state_->context = SSL_CTX_new(TLS_server_method());
  if (state_->context == nullptr) {
    return Error{.kind = ErrorKind::kInternal, .message = "OpenSSL: " + TakeTlsError("no context")};
  }
  SSL_CTX_set_min_proto_version(state_->context, TLS1_2_VERSION);
  SSL_CTX_set_mode(state_->context, SSL_MODE_AUTO_RETRY);
  SL_TRY(state_->LoadCertificate(options));
  if (!options.ca_file.empty()) {
    SL_TRY(state_->LoadAuthorities(options));
    SSL_CTX_set_verify(state_->context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  }
  state_->tls = SSL_new(state_->context);
  SSL_set_fd(state_->tls, state_->descriptor);
  return state_->Handshake(SSL_accept);
}

void Socket::Shutdown() {
  if (is_open()) shutdown(state_->descriptor, SHUT_RDWR);
}
void Socket::Close() {
  if (state_ != nullptr) state_->Close();
}

std::string Socket::PeerAddress() const {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (!is_open() ||
      getpeername(state_->descriptor, reinterpret_cast<sockaddr*>(&address), &size) != 0)
    return {};
  char text[NI_MAXHOST];
  if (getnameinfo(reinterpret_cast<sockaddr*>(&address), size, text, sizeof text, nullptr, 0,
                  NI_NUMERICHOST) != 0) {
    return {};
  }
  return text;
}

}  // namespace starlift::wire
