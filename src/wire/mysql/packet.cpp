#include "wire/mysql/packet.h"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include "wire/mysql/compression.h"

namespace starlift::wire::mysql {
namespace {

constexpr size_t kHeaderBytes = 4;
constexpr size_t kInputBufferBytes = size_t{64} << 10;
constexpr size_t kOutputBufferBytes = size_t{64} << 10;

template <size_t kBytes>
void AppendLittleEndian(std::string& payload, uint64_t value) {
  char bytes[kBytes];
  for (size_t i = 0; i < kBytes; ++i) bytes[i] = static_cast<char>(value >> (8 * i));
  payload.append(bytes, kBytes);
}

uint64_t LittleEndian(std::string_view bytes) {
  uint64_t value = 0;
  for (size_t i = bytes.size(); i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[i]);
  return value;
}

}  // namespace

PayloadWriter& PayloadWriter::U8(uint8_t value) {
  payload_.push_back(static_cast<char>(value));
  return *this;
}
PayloadWriter& PayloadWriter::U16(uint16_t value) {
  AppendLittleEndian<2>(payload_, value);
  return *this;
}
PayloadWriter& PayloadWriter::U24(uint32_t value) {
  AppendLittleEndian<3>(payload_, value);
  return *this;
}
PayloadWriter& PayloadWriter::U32(uint32_t value) {
  AppendLittleEndian<4>(payload_, value);
  return *this;
}
PayloadWriter& PayloadWriter::U64(uint64_t value) {
  AppendLittleEndian<8>(payload_, value);
  return *this;
}
PayloadWriter& PayloadWriter::LengthInt(uint64_t value) {
  if (value < 0xFB) return U8(static_cast<uint8_t>(value));
  if (value <= 0xFFFF) return U8(0xFC).U16(static_cast<uint16_t>(value));
  if (value <= 0xFFFFFF) return U8(0xFD).U24(static_cast<uint32_t>(value));
  return U8(0xFE).U64(value);
}
PayloadWriter& PayloadWriter::LengthString(std::string_view value) {
  LengthInt(value.size());
  return Bytes(value);
}
PayloadWriter& PayloadWriter::NullString(std::string_view value) { return Bytes(value).U8(0); }
PayloadWriter& PayloadWriter::Bytes(std::string_view value) {
  payload_.append(value);
  return *this;
}
PayloadWriter& PayloadWriter::Zeros(size_t count) {
  payload_.append(count, '\0');
  return *this;
}

std::string_view PayloadReader::Bytes(size_t count) {
  if (!ok_ || count > remaining()) {
    ok_ = false;
    return {};
  }
  const std::string_view bytes = payload_.substr(offset_, count);
  offset_ += count;
  return bytes;
}
uint8_t PayloadReader::U8() { return static_cast<uint8_t>(LittleEndian(Bytes(1))); }
uint16_t PayloadReader::U16() { return static_cast<uint16_t>(LittleEndian(Bytes(2))); }
uint32_t PayloadReader::U24() { return static_cast<uint32_t>(LittleEndian(Bytes(3))); }
uint32_t PayloadReader::U32() { return static_cast<uint32_t>(LittleEndian(Bytes(4))); }
uint64_t PayloadReader::U64() { return LittleEndian(Bytes(8)); }

uint64_t PayloadReader::LengthInt() {
  last_was_null_ = false;
  const uint8_t first = U8();
  switch (first) {
    case 0xFB:
      last_was_null_ = true;
      return 0;
    case 0xFC:
      return U16();
    case 0xFD:
      return U24();
    case 0xFE:
      return U64();
    case 0xFF:
      ok_ = false;
      return 0;
    default:
      return first;
  }
}

std::string_view PayloadReader::LengthString() {
  const uint64_t length = LengthInt();
  if (last_was_null_) return {};
  return Bytes(length);
}

std::string_view PayloadReader::NullString() {
  const size_t end = ok_ ? payload_.find('\0', offset_) : std::string_view::npos;
  if (end == std::string_view::npos) {
    ok_ = false;
    return {};
  }
  const std::string_view text = Bytes(end - offset_);
  Skip(1);
  return text;
}

std::string_view PayloadReader::Rest() { return Bytes(remaining()); }
void PayloadReader::Skip(size_t count) { Bytes(count); }

PacketChannel::PacketChannel(Socket socket) : socket_(std::move(socket)) {}
PacketChannel::~PacketChannel() = default;
PacketChannel::PacketChannel(PacketChannel&&) noexcept = default;
PacketChannel& PacketChannel::operator=(PacketChannel&&) noexcept = default;

void PacketChannel::ResetSequence() {
  sequence_ = 0;
  if (compression_ != nullptr) compression_->ResetSequence();
}

void PacketChannel::StartCompression() { compression_ = std::make_unique<CompressedFrames>(); }

Result<size_t> PacketChannel::ReceiveSome(std::span<char> into) {
  return compression_ != nullptr ? compression_->ReadSome(socket_, into) : socket_.ReadSome(into);
}

// Makes at least `bytes` unread bytes available at input_offset_.
Status PacketChannel::Fill(size_t bytes) {
  size_t held = input_end_ - input_offset_;
  if (held >= bytes) return {};
  if (input_offset_ > 0) std::memmove(input_.data(), input_.data() + input_offset_, held);
  input_offset_ = 0;
  input_end_ = held;
  // A large payload of before must not be kept for ever.
  if (input_.size() > 16 * kInputBufferBytes && bytes <= kInputBufferBytes) {
    input_.resize(kInputBufferBytes);
    input_.shrink_to_fit();
  }
  if (input_.size() < bytes) input_.resize(std::max(bytes, kInputBufferBytes));
  while (input_end_ < bytes) {
    const size_t room = (read_ahead_ ? input_.size() : bytes) - input_end_;
    SL_ASSIGN(const size_t got, ReceiveSome({input_.data() + input_end_, room}));
    if (got == 0) {
      return Error{.kind = ErrorKind::kUnreachable,
                   .message = "the other end closed the connection"};
    }
    input_end_ += got;
  }
  return {};
}

Result<std::string_view> PacketChannel::ReadPayload(size_t max_bytes) {
  joined_.clear();
  bool joining = false;
  while (true) {
    SL_TRY(Fill(kHeaderBytes));
    const size_t length = LittleEndian(std::string_view(input_).substr(input_offset_, 3));
    if (joined_.size() + length > max_bytes) {
      return Error{
          .kind = ErrorKind::kData,
          .message = fmt::format("the other end sent a packet of more than {} bytes", max_bytes)};
    }
    SL_TRY(Fill(kHeaderBytes + length));
    sequence_ = static_cast<uint8_t>(input_[input_offset_ + 3] + 1);
    const std::string_view payload =
        std::string_view(input_).substr(input_offset_ + kHeaderBytes, length);
    input_offset_ += kHeaderBytes + length;
    if (!joining && length < kMaxPacketPayload) return payload;
    joining = true;
    joined_.append(payload);
    if (length < kMaxPacketPayload) return std::string_view(joined_);
  }
}

Result<bool> PacketChannel::WaitForPacket(std::chrono::milliseconds timeout) {
  if (input_end_ > input_offset_) return true;
  if (compression_ != nullptr && compression_->has_plain()) return true;
  return socket_.WaitReadable(timeout);
}

Status PacketChannel::WritePayload(std::string_view payload) {
  size_t part = 0;
  do {
    part = std::min(payload.size(), kMaxPacketPayload);
    AppendLittleEndian<3>(output_, part);
    output_.push_back(static_cast<char>(sequence_++));
    output_.append(payload.substr(0, part));
    payload.remove_prefix(part);
    if (output_.size() >= kOutputBufferBytes) SL_TRY(Flush());
  } while (part == kMaxPacketPayload);
  return {};
}

Status PacketChannel::Flush() {
  if (output_.empty()) return {};
  Status sent =
      compression_ != nullptr ? compression_->Write(socket_, output_) : socket_.WriteAll(output_);
  output_.clear();
  if (output_.capacity() > 16 * kOutputBufferBytes) output_ = std::string();
  return sent;
}

Result<size_t> PacketChannel::ReadRaw(std::span<char> into) {
  const size_t held = std::min(input_end_ - input_offset_, into.size());
  if (held == 0) return ReceiveSome(into);
  std::memcpy(into.data(), input_.data() + input_offset_, held);
  input_offset_ += held;
  return held;
}

}  // namespace starlift::wire::mysql
