#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "base/result.h"

namespace starlift::wire::mysql {

struct Session;

// The packets that answer one command until the server ends them. Borrows the session of the Client
// that made it, and must not outlive it. Used by one thread.
class PacketStream {
 public:
  PacketStream(PacketStream&& other) noexcept;
  PacketStream& operator=(PacketStream&&) = delete;
  // Closes the session: the server would go on sending.
  ~PacketStream();

  // True once the next packet has begun to come. kCancelled on a request to stop.
  Result<bool> Wait(std::chrono::milliseconds timeout);

  // The next packet without the byte 0x00 that begins it, or nothing at the server's end mark. The
  // view is valid until the next read. Waits as long as ClientOptions::read_timeout says.
  Result<std::optional<std::string_view>> Read();

 private:
  friend class Client;
  explicit PacketStream(Session* session) : session_(session) {}

  Session* session_;
};

}  // namespace starlift::wire::mysql
