#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "wire/mysql/client.h"
#include "wire/mysql/packet.h"

// What client.cpp, handshake.cpp and row_stream.cpp share; not for other rooms.
namespace starlift::wire::mysql {

inline constexpr uint8_t kOkMark = 0x00;
inline constexpr uint8_t kErrorMark = 0xFF;
inline constexpr uint8_t kEofMark = 0xFE;
inline constexpr uint8_t kLocalFileMark = 0xFB;
inline constexpr size_t kMaxEofBytes = 9;
inline constexpr uint16_t kMoreResults = 0x0008;

struct Session {
  explicit Session(Socket socket) : channel(std::move(socket)) {}

  PacketChannel channel;
  std::string where;  // "host:port", for error texts
  std::string server_version;
  bool is_mariadb = false;
  uint32_t connection_id = 0;
  uint32_t capabilities = 0;  // those that both sides have
  bool open = true;
  bool streaming = false;
  bool tls_failed = false;  // the server offered TLS, but no handshake came about

  // Notes that the connection is gone, if it is, and says where it happened.
  Error Fail(Error error) {
    if (error.kind == ErrorKind::kUnreachable || error.kind == ErrorKind::kCancelled) Close();
    return std::move(error).At(where);
  }
  void Close() {
    open = false;
    channel.socket().Close();
  }
};

inline bool IsEof(std::string_view payload) {
  return !payload.empty() && static_cast<uint8_t>(payload[0]) == kEofMark &&
         payload.size() < kMaxEofBytes;
}

// Logs in over the session's fresh connection, with TLS as asked (handshake.cpp).
Status LogIn(Session& session, const ClientOptions& options);

}  // namespace starlift::wire::mysql
