#include "starrocks/canonical_json.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

#include "starrocks/json_text.h"

namespace starlift::starrocks {
namespace {

constexpr uint32_t kHighSurrogates = 0xD800;
constexpr uint32_t kLowSurrogates = 0xDC00;
constexpr uint32_t kAfterSurrogates = 0xE000;
constexpr uint32_t kFirstSupplementary = 0x10000;

void AppendUtf8(uint32_t code, std::string& to) {
  if (code < 0x80) {
    to += static_cast<char>(code);
  } else if (code < 0x800) {
    to += static_cast<char>(0xC0 | (code >> 6));
    to += static_cast<char>(0x80 | (code & 0x3F));
  } else if (code < kFirstSupplementary) {
    to += static_cast<char>(0xE0 | (code >> 12));
    to += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
    to += static_cast<char>(0x80 | (code & 0x3F));
  } else {
    to += static_cast<char>(0xF0 | (code >> 18));
    to += static_cast<char>(0x80 | ((code >> 12) & 0x3F));
    to += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
    to += static_cast<char>(0x80 | (code & 0x3F));
  }
}

// Rewrites a text that IsJson() has accepted, and whose depth is therefore bounded.
class JsonRewriter {
 public:
  explicit JsonRewriter(std::string_view text) : at_(text.data()), end_(at_ + text.size()) {}

  void RewriteValue(std::string& to) {
    SkipBlanks();
    switch (*at_) {
      case '{':
        return RewriteObject(to);
      case '[':
        return RewriteArray(to);
      case '"':
        return RewriteString(to);
      default:
        return RewriteScalar(to);
    }
  }

 private:
  void RewriteObject(std::string& to) {
    std::vector<std::pair<std::string, std::string>> members;
    ++at_;
    SkipBlanks();
    while (*at_ != '}') {
      std::string name, value;
      RewriteString(name);
      SkipBlanks();
      ++at_;  // ':'
      RewriteValue(value);
      members.emplace_back(std::move(name), std::move(value));
      SkipComma();
    }
    ++at_;
    std::stable_sort(members.begin(), members.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    to += '{';
    bool first = true;
    for (size_t i = 0; i < members.size(); ++i) {
      if (i + 1 < members.size() && members[i].first == members[i + 1].first) continue;
      if (!first) to += ',';
      first = false;
      to += members[i].first + ':' + members[i].second;
    }
    to += '}';
  }

  void RewriteArray(std::string& to) {
    to += '[';
    ++at_;
    SkipBlanks();
    bool first = true;
    while (*at_ != ']') {
      if (!first) to += ',';
      first = false;
      RewriteValue(to);
      SkipComma();
    }
    ++at_;
    to += ']';
  }

  void RewriteString(std::string& to) {
    to += '"';
    ++at_;
    while (*at_ != '"') {
      if (*at_ == '\\') {
        RewriteEscape(to);
      } else {
        to += *at_++;
      }
    }
    ++at_;
    to += '"';
  }

  void RewriteEscape(std::string& to) {
    const char c = at_[1];
    at_ += 2;
    switch (c) {
      case 'b':
        to += '\b';
        return;
      case 'f':
        to += '\f';
        return;
      case 'n':
        to += '\n';
        return;
      case 'r':
        to += '\r';
        return;
      case 't':
        to += '\t';
        return;
      case 'u':
        return AppendCode(ReadCode(), to);
      default:
        return AppendPlain(static_cast<unsigned char>(c), to);
    }
  }

  uint32_t ReadCode() {
    uint32_t code = 0;
    std::from_chars(at_, at_ + 4, code, 16);
    at_ += 4;
    return code;
  }

  void AppendCode(uint32_t code, std::string& to) {
    if (code >= kHighSurrogates && code < kLowSurrogates && end_ - at_ >= 6 && at_[0] == '\\' &&
        at_[1] == 'u') {
      at_ += 2;
      const uint32_t low = ReadCode();
      if (low >= kLowSurrogates && low < kAfterSurrogates) {
        code = kFirstSupplementary + ((code - kHighSurrogates) << 10) + (low - kLowSurrogates);
      } else {
        at_ -= 6;
      }
    }
    AppendPlain(code, to);
  }

  static void AppendPlain(uint32_t code, std::string& to) {
    if (code == '"' || code == '\\') to += '\\';
    AppendUtf8(code, to);
  }

  void RewriteScalar(std::string& to) {
    const char* const begin = at_;
    while (at_ != end_ && *at_ != ',' && *at_ != '}' && *at_ != ']' && *at_ != ' ' &&
           *at_ != '\t' && *at_ != '\n' && *at_ != '\r') {
      ++at_;
    }
    const std::string_view token(begin, static_cast<size_t>(at_ - begin));
    if (token[0] >= 'a') {  // true, false, null
      to += token;
    } else {
      AppendNumber(token, to);
    }
  }

  static void AppendNumber(std::string_view token, std::string& to) {
    const char* const begin = token.data();
    const char* const end = begin + token.size();
    int64_t with_sign = 0;
    uint64_t without_sign = 0;
    if (auto [stop, code] = std::from_chars(begin, end, with_sign);
        code == std::errc() && stop == end) {
      to += std::to_string(with_sign);
      return;
    }
    if (auto [stop, code] = std::from_chars(begin, end, without_sign);
        code == std::errc() && stop == end) {
      to += std::to_string(without_sign);
      return;
    }
    double number = 0;
    if (auto [stop, code] = std::from_chars(begin, end, number);
        code != std::errc() || stop != end) {
      to += token;  // beyond what a double holds: such texts are equal only to themselves
      return;
    }
    constexpr double kTwoTo63 = 9223372036854775808.0;
    if (std::trunc(number) == number && std::abs(number) < kTwoTo63) {
      to += std::to_string(static_cast<int64_t>(number));
      return;
    }
    char text[32];
    const auto written = std::to_chars(text, text + sizeof text, number);
    to.append(text, written.ptr);
  }

  void SkipComma() {
    SkipBlanks();
    if (*at_ != ',') return;
    ++at_;
    SkipBlanks();
  }

  void SkipBlanks() {
    while (at_ != end_ && (*at_ == ' ' || *at_ == '\t' || *at_ == '\n' || *at_ == '\r')) ++at_;
  }

  const char* at_;
  const char* end_;
};

}  // namespace

bool AppendCanonicalJson(std::string_view text, std::string& to) {
  if (!IsJson(text)) return false;
  JsonRewriter(text).RewriteValue(to);
  return true;
}

}  // namespace starlift::starrocks
