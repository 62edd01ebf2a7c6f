// Hash functions with StarRocks' seeds. A call with several arguments hashes one after the other,
// each with the hash so far as seed.
#include <bit>
#include <charconv>
#include <cstring>

#include <openssl/evp.h>
#include <zlib.h>

#include "sandbox/query/native_function.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace starlift::sandbox::query {
namespace {

constexpr uint32_t kMurmurSeed = 104729;

// MurmurHash3_x86_32 by Austin Appleby (public domain algorithm).
uint32_t Murmur32(std::string_view data, uint32_t seed) {
  constexpr uint32_t kC1 = 0xcc9e2d51;
  constexpr uint32_t kC2 = 0x1b873593;
  const size_t blocks = data.size() / 4;
  uint32_t hash = seed;
  for (size_t i = 0; i < blocks; ++i) {
    uint32_t k = 0;
    std::memcpy(&k, data.data() + i * 4, 4);
    k = std::rotl(k * kC1, 15) * kC2;
    hash = std::rotl(hash ^ k, 13) * 5 + 0xe6546b64;
  }
  const auto* tail = reinterpret_cast<const unsigned char*>(data.data() + blocks * 4);
  uint32_t k = 0;
  const size_t rest = data.size() & 3;
  if (rest >= 3) k ^= static_cast<uint32_t>(tail[2]) << 16;
  if (rest >= 2) k ^= static_cast<uint32_t>(tail[1]) << 8;
  if (rest >= 1) {
    k ^= tail[0];
    hash ^= std::rotl(k * kC1, 15) * kC2;
  }
  hash ^= static_cast<uint32_t>(data.size());
  hash = (hash ^ (hash >> 16)) * 0x85ebca6b;
  hash = (hash ^ (hash >> 13)) * 0xc2b2ae35;
  return hash ^ (hash >> 16);
}

bool Sha2(std::string_view data, int64_t bits, std::string* hex) {
  const EVP_MD* digest = bits == 224                ? EVP_sha224()
                         : bits == 256 || bits == 0 ? EVP_sha256()
                         : bits == 384              ? EVP_sha384()
                         : bits == 512              ? EVP_sha512()
                                                    : nullptr;
  if (digest == nullptr) return false;
  unsigned char out[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  if (EVP_Digest(data.data(), data.size(), out, &size, digest, nullptr) != 1) return false;
  constexpr char kDigits[] = "0123456789abcdef";
  for (unsigned int i = 0; i < size; ++i) {
    hex->push_back(kDigits[out[i] >> 4]);
    hex->push_back(kDigits[out[i] & 15]);
  }
  return true;
}

// conv(digits, from, to): digits of up to 64 bits in another base, upper case; what can't be read
// is 0 as far as it goes, impossible bases give NULL.
bool ConvertBase(const std::vector<NativeValue>& arguments, NativeValue* out) {
  constexpr int64_t kLeastBase = 2, kMostBase = 36;
  const int64_t from = arguments[1].integer, to = arguments[2].integer;
  if (from < kLeastBase || from > kMostBase || to < kLeastBase || to > kMostBase) return false;
  const std::string_view text = arguments[0].text;
  uint64_t value = 0;
  const auto read =
      std::from_chars(text.data(), text.data() + text.size(), value, static_cast<int>(from));
  if (read.ec == std::errc::result_out_of_range) value = UINT64_MAX;
  char digits[64];
  const auto written = std::to_chars(digits, digits + sizeof digits, value, static_cast<int>(to));
  out->bytes.assign(digits, written.ptr);
  for (char& digit : out->bytes) {
    if (digit >= 'a') digit = static_cast<char>(digit - 'a' + 'A');
  }
  return true;
}

}  // namespace

std::vector<NativeFunction> HashFunctions() {
  using Arguments = std::vector<NativeValue>;
  const auto chained = [](const char* name, NativeType result, auto step, auto seed) {
    return NativeFunction{name,
                          {},
                          result,
                          [step, seed](const Arguments& arguments, NativeValue* out) {
                            auto hash = seed;
                            for (const NativeValue& argument : arguments)
                              hash = step(argument.text, hash);
                            out->integer = static_cast<int64_t>(hash);
                            return true;
                          },
                          true};
  };
  std::vector<NativeFunction> functions;
  functions.push_back(chained("sr_murmur_hash3_32", NativeType::kInteger, Murmur32, kMurmurSeed));
  functions.push_back(chained(
      "sr_xx_hash32", NativeType::kInteger,
      [](std::string_view text, uint32_t seed) {
        return static_cast<uint32_t>(XXH32(text.data(), text.size(), seed));
      },
      uint32_t{0}));
  functions.push_back(chained(
      "sr_xx_hash64", NativeType::kBigInt,
      [](std::string_view text, uint64_t seed) {
        return static_cast<uint64_t>(XXH64(text.data(), text.size(), seed));
      },
      uint64_t{0}));
  functions.push_back(chained(
      "sr_xx_hash3_64", NativeType::kBigInt,
      [](std::string_view text, uint64_t seed) {
        return static_cast<uint64_t>(XXH3_64bits_withSeed(text.data(), text.size(), seed));
      },
      uint64_t{0}));
  functions.push_back(
      {"sr_xx_hash3_128",
       {},
       NativeType::kHugeInt,
       [](const Arguments& arguments, NativeValue* out) {
         XXH128_hash_t hash{0, 0};
         for (const NativeValue& argument : arguments) {
           hash = XXH3_128bits_withSeed(argument.text.data(), argument.text.size(), hash.low64);
         }
         out->huge = (static_cast<Int128>(static_cast<int64_t>(hash.high64)) << 64) | hash.low64;
         return true;
       },
       true});
  functions.push_back(
      {"sr_crc32",
       {NativeType::kText},
       NativeType::kBigInt,
       [](const Arguments& arguments, NativeValue* out) {
         const std::string_view text = arguments[0].text;
         out->integer = static_cast<int64_t>(
             crc32(0, reinterpret_cast<const Bytef*>(text.data()), static_cast<uInt>(text.size())));
         return true;
       }});
  functions.push_back({"sr_conv",
                       {NativeType::kText, NativeType::kInteger, NativeType::kInteger},
                       NativeType::kText,
                       ConvertBase});
  functions.push_back({"sr_sha2",
                       {NativeType::kText, NativeType::kInteger},
                       NativeType::kText,
                       [](const Arguments& arguments, NativeValue* out) {
                         return Sha2(arguments[0].text, arguments[1].integer, &out->bytes);
                       }});
  functions.push_back({"sr_hex_number",
                       {NativeType::kText},
                       NativeType::kHugeInt,
                       [](const Arguments& arguments, NativeValue* out) {
                         UInt128 value = 0;
                         for (const char c : arguments[0].text) {
                           const int digit = c >= 'a' ? c - 'a' + 10 : c - '0';
                           value = value * 16 + static_cast<unsigned>(digit);
                         }
                         out->huge = static_cast<Int128>(value);
                         return true;
                       }});
  functions.push_back({"sr_wrap_bigint",
                       {NativeType::kHugeInt},
                       NativeType::kBigInt,
                       [](const Arguments& arguments, NativeValue* out) {
                         out->integer =
                             static_cast<int64_t>(static_cast<uint64_t>(arguments[0].huge));
                         return true;
                       }});
  functions.push_back({"sr_shift_left",
                       {NativeType::kBigInt, NativeType::kBigInt},
                       NativeType::kBigInt,
                       [](const Arguments& arguments, NativeValue* out) {
                         const auto bits = static_cast<unsigned>(arguments[1].integer) & 63U;
                         out->integer = static_cast<int64_t>(
                             static_cast<uint64_t>(arguments[0].integer) << bits);
                         return true;
                       }});
  return functions;
}

}  // namespace starlift::sandbox::query
