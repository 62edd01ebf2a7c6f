#include "smt/dialects/native_type.h"

#include <algorithm>
#include <cctype>
#include <charconv>

#include <fmt/format.h>

namespace starlift::smt {
namespace {

std::vector<uint32_t> ReadNumbers(std::string_view text) {
  std::vector<uint32_t> numbers;
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at < end) {
    uint32_t number = 0;
    const auto [next, error] = std::from_chars(at, end, number);
    if (error != std::errc()) return {};
    numbers.push_back(number);
    at = next;
    while (at < end && (*at == ',' || *at == ' ')) ++at;
  }
  return numbers;
}

// Cuts a whole word off, wherever it stands.
bool TakeWord(std::string& name, std::string_view word) {
  const size_t at = name.find(word);
  if (at == std::string::npos) return false;
  name.erase(at, word.size());
  return true;
}

void SqueezeBlanks(std::string& name) {
  const auto repeated =
      std::unique(name.begin(), name.end(), [](char a, char b) { return a == ' ' && b == ' '; });
  name.erase(repeated, name.end());
  while (name.ends_with(' ')) name.pop_back();
  while (name.starts_with(' ')) name.erase(0, 1);
}

}  // namespace

NativeType ReadNativeType(std::string_view text) {
  NativeType type;
  const size_t open = text.find('(');
  const size_t close = text.rfind(')');
  type.name = std::string(text.substr(0, open));
  if (open != std::string_view::npos && close != std::string_view::npos && close > open) {
    type.parameters = ReadNumbers(text.substr(open + 1, close - open - 1));
    type.name += std::string(text.substr(close + 1));
  }
  std::transform(type.name.begin(), type.name.end(), type.name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  type.zerofill = TakeWord(type.name, " zerofill");
  type.is_unsigned = TakeWord(type.name, " unsigned") || type.zerofill;
  SqueezeBlanks(type.name);
  return type;
}

std::string DecimalText(uint32_t precision, uint32_t scale) {
  return fmt::format("DECIMAL({}, {})", precision, scale);
}

}  // namespace starlift::smt
