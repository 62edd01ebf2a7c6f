#include <array>

#include "sandbox/load/value_parser.h"

namespace starlift::sandbox::load {
namespace {

constexpr int8_t kNoDigit = -1;

constexpr std::array<int8_t, 256> MakeDigits() {
  std::array<int8_t, 256> digits{};
  digits.fill(kNoDigit);
  int8_t value = 0;
  for (char c = 'A'; c <= 'Z'; ++c) digits[static_cast<unsigned char>(c)] = value++;
  for (char c = 'a'; c <= 'z'; ++c) digits[static_cast<unsigned char>(c)] = value++;
  for (char c = '0'; c <= '9'; ++c) digits[static_cast<unsigned char>(c)] = value++;
  digits['+'] = value++;
  digits['/'] = value;
  return digits;
}

constexpr std::array<int8_t, 256> kDigits = MakeDigits();

bool DecodeBase64(std::string_view text, std::string& bytes) {
  if (text.empty() || text.size() % 4 != 0) return false;
  size_t padding = 0;
  while (padding < 2 && text[text.size() - 1 - padding] == '=') ++padding;
  bytes.clear();
  bytes.reserve(text.size() / 4 * 3);
  for (size_t i = 0; i < text.size(); i += 4) {
    uint32_t group = 0;
    for (size_t j = 0; j < 4; ++j) {
      const bool padded = i + j >= text.size() - padding;
      const int8_t digit = padded ? int8_t{0} : kDigits[static_cast<unsigned char>(text[i + j])];
      if (digit == kNoDigit) return false;
      group = (group << 6) | static_cast<uint32_t>(digit);
    }
    bytes.push_back(static_cast<char>(group >> 16));
    bytes.push_back(static_cast<char>(group >> 8));
    bytes.push_back(static_cast<char>(group));
  }
  bytes.resize(bytes.size() - padding);
  return true;
}

}  // namespace

std::string ParseBinary(std::string_view text) {
  std::string bytes;
  if (DecodeBase64(text, bytes)) return bytes;
  return std::string(text);
}

}  // namespace starlift::sandbox::load
