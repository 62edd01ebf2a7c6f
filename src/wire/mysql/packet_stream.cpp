#include "wire/mysql/packet_stream.h"

#include <utility>

#include "wire/mysql/server_error.h"
#include "wire/mysql/session.h"

namespace starlift::wire::mysql {

PacketStream::PacketStream(PacketStream&& other) noexcept
    : session_(std::exchange(other.session_, nullptr)) {}

PacketStream::~PacketStream() {
  if (session_ != nullptr && session_->open) session_->Close();
}

Result<bool> PacketStream::Wait(std::chrono::milliseconds timeout) {
  Result<bool> ready = session_->channel.WaitForPacket(timeout);
  if (!ready.ok()) return session_->Fail(std::move(ready).error());
  return ready;
}

Result<std::optional<std::string_view>> PacketStream::Read() {
  Result<std::string_view> packet = session_->channel.ReadPayload();
  if (!packet.ok()) return session_->Fail(std::move(packet).error());
  const std::string_view payload = *packet;
  if (!payload.empty() && static_cast<uint8_t>(payload[0]) == kOkMark)
    return std::optional(payload.substr(1));
  if (!payload.empty() && static_cast<uint8_t>(payload[0]) == kErrorMark) {
    session_->streaming = false;
    return session_->Fail(ErrorFromPacket(payload));
  }
  if (IsEof(payload)) {
    session_->streaming = false;
    return std::optional<std::string_view>();
  }
  return session_->Fail(Error{.kind = ErrorKind::kUnreachable,
                              .message = "the server's answer breaks the MySQL protocol: a packet "
                                         "that is neither data, nor an error, nor the end"});
}

}  // namespace starlift::wire::mysql
