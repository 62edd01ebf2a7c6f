#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "wire/socket.h"

// MySQL client/server protocol, "Packets" and "Basic data types": shared by the client
// (wire/mysql/client.h) and by servers (the sandbox's query port).
namespace starlift::wire::mysql {

inline constexpr size_t kMaxPacketPayload = 0xFFFFFF;

// Appends protocol integers and strings to a payload.
class PayloadWriter {
 public:
  PayloadWriter& U8(uint8_t value);
  PayloadWriter& U16(uint16_t value);
  PayloadWriter& U24(uint32_t value);
  PayloadWriter& U32(uint32_t value);
  PayloadWriter& U64(uint64_t value);
  PayloadWriter& LengthInt(uint64_t value);
  PayloadWriter& LengthString(std::string_view value);
  PayloadWriter& NullString(std::string_view value);  // zero-terminated
  PayloadWriter& Bytes(std::string_view value);
  PayloadWriter& Zeros(size_t count);

  std::string& payload() { return payload_; }
  void Clear() { payload_.clear(); }

 private:
  std::string payload_;
};

// Reads them; once past the end every read gives zero or empty and ok() is false. Never throws,
// never reads outside.
class PayloadReader {
 public:
  explicit PayloadReader(std::string_view payload) : payload_(payload) {}

  uint8_t U8();
  uint16_t U16();
  uint32_t U24();
  uint32_t U32();
  uint64_t U64();
  uint64_t LengthInt();             // 0xFB (NULL) gives 0 and sets last_was_null()
  std::string_view LengthString();  // NULL gives empty and sets last_was_null()
  std::string_view NullString();
  std::string_view Bytes(size_t count);
  std::string_view Rest();
  void Skip(size_t count);

  bool ok() const { return ok_; }
  bool last_was_null() const { return last_was_null_; }
  size_t remaining() const { return payload_.size() - offset_; }

 private:
  std::string_view payload_;
  size_t offset_ = 0;
  bool ok_ = true;
  bool last_was_null_ = false;
};

class CompressedFrames;

// Frames payloads into packets on a socket: 3-byte length, 1-byte sequence, payloads of 16 MiB − 1
// and more split and joined. One thread. Both directions are buffered; Flush sends.
class PacketChannel {
 public:
  explicit PacketChannel(Socket socket);
  ~PacketChannel();
  PacketChannel(PacketChannel&&) noexcept;
  PacketChannel& operator=(PacketChannel&&) noexcept;

  // The view is valid until the next read. kUnreachable at the end of the stream.
  Result<std::string_view> ReadPayload(size_t max_bytes = size_t{1} << 30);
  // True once (a part of) the next packet has come. Takes nothing.
  Result<bool> WaitForPacket(std::chrono::milliseconds timeout);
  Status WritePayload(std::string_view payload);
  Status Flush();

  uint8_t sequence() const { return sequence_; }
  // At the beginning of every command.
  void ResetSequence();

  // Off: nothing beyond a payload is taken from the socket, so that TLS can begin right after it.
  // A server that offers TLS turns it on once the client's login has come. On at first.
  void SetReadAhead(bool on) { read_ahead_ = on; }

  // From here on both directions go through the zlib-compressed protocol.
  void StartCompression();

  Socket& socket() { return socket_; }

  // The bytes that follow the payload read last, framing included: for readers that take packets
  // apart by themselves (row data straight into a batch). At least one byte, or 0 at the end.
  Result<size_t> ReadRaw(std::span<char> into);
  // Tells what number the last packet had that was taken through ReadRaw.
  void set_sequence(uint8_t sequence) { sequence_ = sequence; }

 private:
  Status Fill(size_t bytes);

  Result<size_t> ReceiveSome(std::span<char> into);

  Socket socket_;
  std::unique_ptr<CompressedFrames> compression_;
  uint8_t sequence_ = 0;
  bool read_ahead_ = true;
  std::string input_;  // [input_offset_, input_end_) is unread
  size_t input_offset_ = 0;
  size_t input_end_ = 0;
  std::string joined_;
  std::string output_;
};

}  // namespace starlift::wire::mysql
