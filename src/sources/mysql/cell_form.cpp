#include "sources/mysql/cell_form.h"

#include <charconv>
#include <cstdint>
#include <cstring>

#include <simdjson.h>

namespace starlift::mysql {

namespace {

// to_chars writes "1e+38" and "1e-05" where MySQL prints "1e38" and "1e-5".
size_t TrimExponent(char* text, size_t size) {
  char* const exponent = static_cast<char*>(std::memchr(text, 'e', size));
  if (exponent == nullptr) return size;
  char* into = exponent + 1;
  const char* from = into;
  const char* const end = text + size;
  if (*from == '-') *into++ = '-';
  ++from;
  while (from + 1 < end && *from == '0') ++from;
  while (from < end) *into++ = *from++;
  return static_cast<size_t>(into - text);
}

}  // namespace

bool ShortenFloat(char* text, Cell& cell) {
  // Most values are whole or short already; up to six digits every decimal is its own float's
  // shortest text.
  constexpr uint32_t kExactDigits = 6;
  if (cell.size <= kExactDigits) return true;
  double exact = 0;
  const auto [stop, code] = std::from_chars(text, text + cell.size, exact);
  if (code != std::errc() || stop != text + cell.size) return false;
  char shortest[64];
  const auto value = static_cast<float>(exact);
  const bool plain = std::memchr(text, 'e', cell.size) == nullptr;
  const auto written =
      std::to_chars(shortest, shortest + sizeof shortest, value,
                    plain ? std::chars_format::fixed : std::chars_format::scientific);
  if (written.ec != std::errc()) return false;
  const size_t size = TrimExponent(shortest, static_cast<size_t>(written.ptr - shortest));
  if (size > cell.size) return true;
  std::memcpy(text, shortest, size);
  cell.size = static_cast<uint32_t>(size);
  return true;
}

bool IsWellFormedNonAscii(std::string_view text) { return simdjson::validate_utf8(text); }

}  // namespace starlift::mysql
