#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

#include "data/row_batch.h"

namespace starlift::mysql {

// Rewrites the text of a DOUBLE that is a FLOAT's exact value to the shortest text that reads back
// to the same FLOAT, laid out as MySQL prints it. In place: it is never longer. False: no number.
bool ShortenFloat(char* text, Cell& cell);

// For whole texts that hold a byte beyond ASCII.
bool IsWellFormedNonAscii(std::string_view text);

// Eight bytes at a time; the last ones overlap, so that short texts, which most are, take no loop.
inline bool IsAscii(std::string_view text) {
  constexpr uint64_t kHighBits = 0x8080808080808080;
  const auto load = [](const char* at) {
    uint64_t word;
    std::memcpy(&word, at, sizeof word);
    return word;
  };
  const char* at = text.data();
  if (text.size() < sizeof(uint64_t)) {
    unsigned char seen = 0;
    for (const char c : text) seen |= static_cast<unsigned char>(c);
    return seen < 0x80;
  }
  const char* const last = at + text.size() - sizeof(uint64_t);
  uint64_t seen = load(last);
  for (; at < last; at += sizeof(uint64_t)) seen |= load(at);
  return (seen & kHighBits) == 0;
}

inline bool IsWellFormedUtf8(std::string_view text) {
  return IsAscii(text) || IsWellFormedNonAscii(text);
}

}  // namespace starlift::mysql
