#include "starrocks/text_scan.h"

#include <algorithm>

namespace starlift::starrocks {
namespace {

// AVX2's; the compiler splits it where the machine's vectors are narrower.
constexpr size_t kWideBytes = 32;
using WideVector = uint8_t __attribute__((vector_size(kWideBytes)));

// Counters of one byte hold so many matches.
constexpr size_t kVectorsPerRound = 255;

}  // namespace

// The wider vectors where the machine has them, which is found out when the program is loaded.
#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
__attribute__((target_clones("avx2", "default")))
#endif
BodySeen
ScanBody(std::string_view body) {
  BodySeen seen;
  WideVector high{};
  WideVector separators{};
  WideVector backslashes{};
  const auto look_at = [&](WideVector vector) __attribute__((always_inline)) {
    high |= vector;
    // A comparison gives 255, which is −1, for each byte that fulfils it.
    separators -= reinterpret_cast<WideVector>((vector == 1) | (vector == 2));
    backslashes -= reinterpret_cast<WideVector>(vector == '\\');
  };
  const auto take_counts = [&]() __attribute__((always_inline)) {
    for (size_t i = 0; i < kWideBytes; ++i) {
      seen.separators += separators[i];
      seen.backslashes += backslashes[i];
    }
    separators = backslashes = WideVector{};
  };
  const char* at = body.data();
  size_t vectors = body.size() / kWideBytes;
  while (vectors > 0) {
    const size_t round = std::min(vectors, kVectorsPerRound);
    for (const char* const end = at + round * kWideBytes; at != end; at += kWideBytes) {
      WideVector vector;
      std::memcpy(&vector, at, kWideBytes);
      look_at(vector);
    }
    vectors -= round;
    take_counts();
  }
  WideVector rest{};
  std::memcpy(&rest, at, body.size() % kWideBytes);
  look_at(rest);
  take_counts();
  for (size_t i = 0; i < kWideBytes; ++i) seen.non_ascii |= high[i] >= 0x80;
  return seen;
}

}  // namespace starlift::starrocks
