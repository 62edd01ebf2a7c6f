#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace starlift::mysql {

// Reads the log's integers and strings; once past the end every read gives zero or empty and ok()
// is false. Never reads outside.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : at_(bytes.data()), end_(at_ + bytes.size()) {}

  uint8_t U8() { return static_cast<uint8_t>(Little<1>()); }
  uint16_t U16() { return static_cast<uint16_t>(Little<2>()); }
  uint32_t U24() { return static_cast<uint32_t>(Little<3>()); }
  uint32_t U32() { return static_cast<uint32_t>(Little<4>()); }
  uint64_t U48() { return Little<6>(); }
  uint64_t U56() { return Little<7>(); }
  uint64_t U64() { return Little<8>(); }

  // MySQL's packed integer; 0xFB and 0xFF begin none.
  uint64_t PackedInt() {
    const uint8_t first = U8();
    switch (first) {
      case 0xFC:
        return U16();
      case 0xFD:
        return U24();
      case 0xFE:
        return U64();
      case 0xFB:
      case 0xFF:
        Fail();
        return 0;
      default:
        return first;
    }
  }
  std::string_view PackedString() { return Bytes(PackedInt()); }

  std::string_view Bytes(uint64_t count) {
    if (count > remaining()) {
      Fail();
      return {};
    }
    const std::string_view bytes(at_, count);
    at_ += count;
    return bytes;
  }
  std::string_view Rest() { return Bytes(remaining()); }
  void Skip(uint64_t count) { Bytes(count); }
  void Fail() {
    ok_ = false;
    at_ = end_;
  }

  bool ok() const { return ok_; }
  size_t remaining() const { return static_cast<size_t>(end_ - at_); }
  const char* at() const { return at_; }

 private:
  template <size_t kBytes>
  uint64_t Little() {
    if (remaining() < kBytes) {
      Fail();
      return 0;
    }
    uint64_t value = 0;
    std::memcpy(&value, at_, kBytes);  // all targets are little-endian
    at_ += kBytes;
    return value;
  }

  const char* at_;
  const char* end_;
  bool ok_ = true;
};

inline uint64_t BigEndian(const char* at, size_t bytes) {
  uint64_t value = 0;
  for (size_t i = 0; i < bytes; ++i) value = value << 8 | static_cast<unsigned char>(at[i]);
  return value;
}

inline uint64_t LittleEndian(const char* at, size_t bytes) {
  uint64_t value = 0;
  std::memcpy(&value, at, bytes);
  return value;
}

}  // namespace starlift::mysql
