#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/cancellation.h"
#include "base/result.h"

namespace starlift::wire {

enum class TlsMode {
  kDisabled,
  kPreferred,       // use it if the server can, verify nothing
  kRequired,        // fail without it, verify nothing
  kVerifyCa,        // and verify the certificate's chain
  kVerifyIdentity,  // and the host name
};

struct TlsOptions {
  TlsMode mode = TlsMode::kPreferred;
  std::string ca_file;           // empty: the system's
  std::string certificate_file;  // client (or server) certificate, PEM
  std::string key_file;
};

// A connected TCP (or TLS over TCP) byte stream, blocking, with time-outs. Movable. Used by one
// thread, but Shutdown may be called from another to wake it. Errors are kUnreachable.
class Socket {
 public:
  Socket();
  ~Socket();
  Socket(Socket&&) noexcept;
  Socket& operator=(Socket&&) noexcept;

  // Tries every address of `host`. TCP_NODELAY and SO_KEEPALIVE are set.
  static Result<Socket> Connect(const std::string& host, uint16_t port,
                                std::chrono::milliseconds timeout);
  // Takes over a connected descriptor (an accepted connection).
  static Socket Adopt(int descriptor);

  bool is_open() const;
  bool is_tls() const;
  int descriptor() const;

  // At least one byte, or 0 at the peer's orderly end.
  Result<size_t> ReadSome(std::span<char> into);
  Status ReadExactly(std::span<char> into);
  // Waits, but takes nothing: true once a read would not wait (bytes, or the peer's end).
  // kCancelled within a quarter of a second after a request.
  Result<bool> WaitReadable(std::chrono::milliseconds timeout);
  Status WriteAll(std::string_view bytes);

  // Zero: wait for ever (the default).
  void SetReadTimeout(std::chrono::milliseconds timeout);
  void SetWriteTimeout(std::chrono::milliseconds timeout);
  // Reads and writes that wait end with kCancelled within a quarter of a second after a request.
  // Null (the default): they don't look. `cancellation` must outlive the socket.
  void SetCancellation(const Cancellation* cancellation);

  // Runs a TLS handshake over the open connection. `host` is what kVerifyIdentity compares with.
  Status StartTlsClient(const TlsOptions& options, const std::string& host);
  Status StartTlsServer(const TlsOptions& options);

  void Shutdown();
  void Close();
  // "127.0.0.1" of the other end, empty if unknown.
  std::string PeerAddress() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// A listening TCP socket. Accept blocks until a connection or Shutdown (from another thread).
class Listener {
 public:
  Listener();
  ~Listener();
  Listener(Listener&&) noexcept;
  Listener& operator=(Listener&&) noexcept;

  // Port 0 takes a free one. An occupied port is kConflict and says so.
  static Result<Listener> Listen(const std::string& bind_address, uint16_t port);

  uint16_t port() const;
  Result<Socket> Accept();
  void Shutdown();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace starlift::wire
