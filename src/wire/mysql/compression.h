#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "wire/socket.h"

namespace starlift::wire::mysql {

// The compressed protocol: a stream of packets cut into frames of 3 bytes compressed length, 1 byte
// sequence, 3 bytes plain length (0: the frame is not compressed), each deflated by zlib.
// MySQL protocol, "Compressed Packet". One thread.
class CompressedFrames {
 public:
  void ResetSequence() { sequence_ = 0; }

  // At least one byte of the plain stream, or 0 at its end.
  Result<size_t> ReadSome(Socket& socket, std::span<char> into);
  // Plain bytes are at hand: the next read asks nothing of the socket.
  bool has_plain() const { return plain_offset_ < plain_.size(); }
  Status Write(Socket& socket, std::string_view bytes);

 private:
  Status ReadFrame(Socket& socket);

  uint8_t sequence_ = 0;
  std::string plain_;  // of the frame read last
  size_t plain_offset_ = 0;
  std::string packed_;
  bool ended_ = false;
};

}  // namespace starlift::wire::mysql
