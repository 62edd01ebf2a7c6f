#include "wire/mysql/compression.h"

#include <algorithm>
#include <array>
#include <cstring>

#include <zlib.h>

namespace starlift::wire::mysql {
namespace {

constexpr size_t kFrameHeaderBytes = 7;
constexpr size_t kMaxFrameBytes = 0xFFFFFF;
// Below this the header and deflate's own overhead cost more than is saved.
constexpr size_t kMinBytesToCompress = 50;

void PutLength(char* at, size_t length) {
  for (int i = 0; i < 3; ++i) at[i] = static_cast<char>(length >> (8 * i));
}

size_t TakeLength(const char* at) {
  size_t length = 0;
  for (int i = 3; i-- > 0;) length = length << 8 | static_cast<unsigned char>(at[i]);
  return length;
}

}  // namespace

Status CompressedFrames::ReadFrame(Socket& socket) {
  std::array<char, kFrameHeaderBytes> header;
  SL_ASSIGN(const size_t begun, socket.ReadSome(header));
  if (begun == 0) {
    ended_ = true;
    return {};
  }
  SL_TRY(socket.ReadExactly(std::span(header).subspan(begun)));
  const size_t packed_size = TakeLength(header.data());
  const size_t plain_size = TakeLength(header.data() + 4);
  sequence_ = static_cast<uint8_t>(header[3] + 1);
  plain_offset_ = 0;
  if (plain_size == 0) {
    plain_.resize(packed_size);
    return socket.ReadExactly(plain_);
  }
  packed_.resize(packed_size);
  SL_TRY(socket.ReadExactly(packed_));
  plain_.resize(plain_size);
  uLongf inflated = plain_size;
  const int outcome = uncompress(reinterpret_cast<Bytef*>(plain_.data()), &inflated,
                                 reinterpret_cast<const Bytef*>(packed_.data()), packed_size);
  if (outcome != Z_OK || inflated != plain_size) {
    return Error{.kind = ErrorKind::kUnreachable,
                 .message = "the server sent a broken compressed packet"};
  }
  return {};
}

Result<size_t> CompressedFrames::ReadSome(Socket& socket, std::span<char> into) {
  while (plain_offset_ == plain_.size() && !ended_) SL_TRY(ReadFrame(socket));
  const size_t taken = std::min(into.size(), plain_.size() - plain_offset_);
  std::memcpy(into.data(), plain_.data() + plain_offset_, taken);
  plain_offset_ += taken;
  return taken;
}

Status CompressedFrames::Write(Socket& socket, std::string_view bytes) {
  while (!bytes.empty()) {
    const std::string_view part = bytes.substr(0, kMaxFrameBytes);
    bytes.remove_prefix(part.size());
    size_t plain_size = 0;
    packed_.resize(kFrameHeaderBytes + compressBound(part.size()));
    uLongf packed_size = packed_.size() - kFrameHeaderBytes;
    if (part.size() >= kMinBytesToCompress &&
        compress2(reinterpret_cast<Bytef*>(packed_.data() + kFrameHeaderBytes), &packed_size,
                  reinterpret_cast<const Bytef*>(part.data()), part.size(), Z_BEST_SPEED) == Z_OK &&
        packed_size < part.size()) {
      plain_size = part.size();
    } else {
      packed_size = part.size();
      std::memcpy(packed_.data() + kFrameHeaderBytes, part.data(), part.size());
    }
    PutLength(packed_.data(), packed_size);
    packed_[3] = static_cast<char>(sequence_++);
    PutLength(packed_.data() + 4, plain_size);
    SL_TRY(socket.WriteAll(std::string_view(packed_).substr(0, kFrameHeaderBytes + packed_size)));
  }
  return {};
}

}  // namespace starlift::wire::mysql
