#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

// The inner loops of the encoders: copy bytes and look at them in one pass, sixteen at a time, with
// the compiler's portable vectors.
namespace starlift::starrocks {

using ByteVector = uint8_t __attribute__((vector_size(16)));
inline constexpr size_t kVectorBytes = sizeof(ByteVector);

// What was seen among the bytes copied.
struct TextSeen {
  bool non_ascii = false;
  bool separator = false;  // 0x01 or 0x02
};

namespace text_scan {

// kKeep + 16 − n holds n bytes of ones, then zeros: cuts a vector to its first n bytes.
inline constexpr uint8_t kKeep[32] = {255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
                                      255, 255, 255, 255, 255, 0,   0,   0,   0,   0,   0,
                                      0,   0,   0,   0,   0,   0,   0,   0,   0,   0};

inline ByteVector Load(const char* from) {
  ByteVector vector;
  std::memcpy(&vector, from, kVectorBytes);
  return vector;
}

inline bool Any(ByteVector vector) {
  uint64_t halves[2];
  std::memcpy(halves, &vector, sizeof halves);
  return (halves[0] | halves[1]) != 0;
}

inline ByteVector HighBits(ByteVector vector) { return vector & 0x80; }

inline ByteVector Separators(ByteVector vector) {
  return reinterpret_cast<ByteVector>((vector == 1) | (vector == 2));
}

// Bytes that JSON strings must escape.
inline ByteVector JsonSpecials(ByteVector vector) {
  return reinterpret_cast<ByteVector>((vector < 0x20) | (vector == '"') | (vector == '\\'));
}

}  // namespace text_scan

// Copies `size` bytes to `to`, which has room for 16 more. `readable`: so many bytes may be read at
// `from`, whether they mean anything or not.
inline TextSeen CopyText(const char* from, size_t size, size_t readable, char* to) {
  using namespace text_scan;
  ByteVector high{};
  ByteVector separators{};
  size_t at = 0;
  for (; at + kVectorBytes <= size; at += kVectorBytes) {
    const ByteVector vector = Load(from + at);
    std::memcpy(to + at, &vector, kVectorBytes);
    high |= HighBits(vector);
    separators |= Separators(vector);
  }
  if (const size_t rest = size - at; rest > 0) {
    ByteVector vector{};
    if (at + kVectorBytes <= readable) {
      ByteVector keep;
      std::memcpy(&keep, kKeep + kVectorBytes - rest, kVectorBytes);
      vector = Load(from + at) & keep;
    } else {
      std::memcpy(&vector, from + at, rest);
    }
    std::memcpy(to + at, &vector, kVectorBytes);
    high |= HighBits(vector);
    separators |= Separators(vector);
  }
  return TextSeen{.non_ascii = Any(high), .separator = Any(separators)};
}

// What was seen in many fields and the separators after them.
struct BodySeen {
  bool non_ascii = false;
  size_t separators = 0;  // 0x01 and 0x02
  size_t backslashes = 0;
};
BodySeen ScanBody(std::string_view body);

// Copies without looking.
inline void CopyBytes(const char* from, size_t size, size_t readable, char* to) {
  if (size <= 2 * kVectorBytes && readable >= 2 * kVectorBytes) {
    std::memcpy(to, from, 2 * kVectorBytes);
  } else {
    std::memcpy(to, from, size);
  }
}

}  // namespace starlift::starrocks
