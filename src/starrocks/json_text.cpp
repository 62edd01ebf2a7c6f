#include "starrocks/json_text.h"

#include <bitset>
#include <cstring>

#include "starrocks/text_scan.h"

namespace starlift::starrocks {
namespace {

constexpr char kHexDigits[] = "0123456789abcdef";

char* EscapeOne(unsigned char c, char* to) {
  if (c >= 0x20 && c != '"' && c != '\\') {
    *to++ = static_cast<char>(c);
    return to;
  }
  *to++ = '\\';
  switch (c) {
    case '"':
    case '\\':
      *to++ = static_cast<char>(c);
      return to;
    case '\n':
      *to++ = 'n';
      return to;
    case '\r':
      *to++ = 'r';
      return to;
    case '\t':
      *to++ = 't';
      return to;
    default:
      *to++ = 'u';
      *to++ = '0';
      *to++ = '0';
      *to++ = kHexDigits[c >> 4];
      *to++ = kHexDigits[c & 15];
      return to;
  }
}

// MySQL allows 100 levels; beyond this a value is an attack.
constexpr size_t kMaxDepth = 1024;

// A value's grammar, walked with a stack of bits instead of recursion.
class JsonReader {
 public:
  explicit JsonReader(std::string_view text) : at_(text.data()), end_(at_ + text.size()) {}

  bool ReadDocument() {
    SkipBlanks();
    if (!ReadValue()) return false;
    SkipBlanks();
    return at_ == end_;
  }

 private:
  bool ReadValue() {
    while (true) {
      // Here a value begins.
      if (at_ == end_) return false;
      const char c = *at_;
      if (c == '{' || c == '[') {
        ++at_;
        SkipBlanks();
        const bool object = c == '{';
        if (at_ != end_ && *at_ == (object ? '}' : ']')) {
          ++at_;
        } else {
          if (depth_ == kMaxDepth) return false;
          open_objects_[depth_++] = object;
          if (object && !ReadName()) return false;
          continue;
        }
      } else if (!ReadScalar()) {
        return false;
      }
      // Here a value has ended: what follows belongs to the containers around it.
      while (true) {
        if (depth_ == 0) return true;
        SkipBlanks();
        if (at_ == end_) return false;
        const char next = *at_++;
        const bool in_object = open_objects_[depth_ - 1];
        if (next == ',') {
          SkipBlanks();
          if (in_object && !ReadName()) return false;
          break;
        }
        if (next != (in_object ? '}' : ']')) return false;
        --depth_;
      }
    }
  }

  bool ReadName() {
    if (at_ == end_ || *at_ != '"' || !ReadString()) return false;
    SkipBlanks();
    if (at_ == end_ || *at_++ != ':') return false;
    SkipBlanks();
    return true;
  }

  bool ReadScalar() {
    switch (*at_) {
      case '"':
        return ReadString();
      case 't':
        return ReadWord("true");
      case 'f':
        return ReadWord("false");
      case 'n':
        return ReadWord("null");
      default:
        return ReadNumber();
    }
  }

  bool ReadWord(std::string_view word) {
    if (static_cast<size_t>(end_ - at_) < word.size()) return false;
    if (std::memcmp(at_, word.data(), word.size()) != 0) return false;
    at_ += word.size();
    return true;
  }

  bool ReadDigits() {
    const char* first = at_;
    while (at_ != end_ && *at_ >= '0' && *at_ <= '9') ++at_;
    return at_ != first;
  }

  bool ReadNumber() {
    if (at_ != end_ && *at_ == '-') ++at_;
    if (at_ != end_ && *at_ == '0') {
      ++at_;
    } else if (!ReadDigits()) {
      return false;
    }
    if (at_ != end_ && *at_ == '.') {
      ++at_;
      if (!ReadDigits()) return false;
    }
    if (at_ != end_ && (*at_ == 'e' || *at_ == 'E')) {
      ++at_;
      if (at_ != end_ && (*at_ == '+' || *at_ == '-')) ++at_;
      if (!ReadDigits()) return false;
    }
    return true;
  }

  bool ReadString() {
    ++at_;
    while (true) {
      while (static_cast<size_t>(end_ - at_) >= kVectorBytes &&
             !text_scan::Any(text_scan::JsonSpecials(text_scan::Load(at_)))) {
        at_ += kVectorBytes;
      }
      if (at_ == end_) return false;
      const unsigned char c = static_cast<unsigned char>(*at_++);
      if (c == '"') return true;
      if (c < 0x20) return false;
      if (c == '\\' && !ReadEscape()) return false;
    }
  }

  bool ReadEscape() {
    if (at_ == end_) return false;
    const char c = *at_++;
    if (c != 'u') return std::strchr("\"\\/bfnrt", c) != nullptr && c != '\0';
    if (end_ - at_ < 4) return false;
    for (int i = 0; i < 4; ++i) {
      const char digit = *at_++;
      const bool hex = (digit >= '0' && digit <= '9') || (digit >= 'a' && digit <= 'f') ||
                       (digit >= 'A' && digit <= 'F');
      if (!hex) return false;
    }
    return true;
  }

  void SkipBlanks() {
    while (at_ != end_ && (*at_ == ' ' || *at_ == '\t' || *at_ == '\n' || *at_ == '\r')) ++at_;
  }

  const char* at_;
  const char* end_;
  size_t depth_ = 0;
  std::bitset<kMaxDepth> open_objects_;  // of the containers open now: object or array
};

}  // namespace

char* EscapeJson(std::string_view text, char* to) {
  const char* at = text.data();
  size_t left = text.size();
  while (left >= kVectorBytes) {
    const ByteVector vector = text_scan::Load(at);
    if (!text_scan::Any(text_scan::JsonSpecials(vector))) {
      std::memcpy(to, &vector, kVectorBytes);
      to += kVectorBytes;
    } else {
      for (size_t i = 0; i < kVectorBytes; ++i)
        to = EscapeOne(static_cast<unsigned char>(at[i]), to);
    }
    at += kVectorBytes;
    left -= kVectorBytes;
  }
  for (; left > 0; --left) to = EscapeOne(static_cast<unsigned char>(*at++), to);
  return to;
}

bool IsJson(std::string_view text) { return JsonReader(text).ReadDocument(); }

}  // namespace starlift::starrocks
