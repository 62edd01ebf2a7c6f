#include "base/hash.h"

#include <bit>
#include <cstring>

namespace starlift {
namespace {

static_assert(std::endian::native == std::endian::little, "ReadWord assumes little-endian words");

constexpr uint64_t kMultiplier = 0x9E3779B97F4A7C15;  // 2^64 divided by the golden ratio
constexpr size_t kLanes = 4;

__extension__ using Product = unsigned __int128;

uint64_t ReadWord(const char* at) {
  uint64_t word;
  std::memcpy(&word, at, sizeof word);
  return word;
}

// Folds the full 128-bit product, so that every input bit reaches every output bit.
uint64_t Mix(uint64_t a, uint64_t b) {
  const auto product = static_cast<Product>(a ^ kMultiplier) * (b ^ ~kMultiplier);
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

}  // namespace

uint64_t HashBytes(std::string_view bytes, uint64_t seed) {
  const char* at = bytes.data();
  size_t left = bytes.size();
  uint64_t hash = Mix(seed, bytes.size());
  if (left >= 16 * kLanes) {
    // Independent lanes keep the multiplier busy.
    uint64_t lanes[kLanes] = {hash, ~hash, hash * kMultiplier, hash + kMultiplier};
    for (; left >= 16 * kLanes; left -= 16 * kLanes, at += 16 * kLanes) {
      for (size_t lane = 0; lane < kLanes; ++lane) {
        lanes[lane] = Mix(ReadWord(at + 16 * lane) ^ lanes[lane], ReadWord(at + 16 * lane + 8));
      }
    }
    for (const uint64_t lane : lanes) hash = Mix(hash, lane);
  }
  for (; left >= 8; left -= 8, at += 8) hash = Mix(hash ^ ReadWord(at), left);
  if (left > 0) {
    uint64_t word = 0;
    std::memcpy(&word, at, left);
    hash = Mix(hash ^ word, left);
  }
  return Mix(hash, kMultiplier << 1);
}

std::string HexDigits(uint64_t hash, int digits) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text(static_cast<size_t>(digits), '0');
  for (int index = digits - 1; index >= 0; --index, hash >>= 4) {
    text[static_cast<size_t>(index)] = kDigits[hash & 15];
  }
  return text;
}

}  // namespace starlift
