#include "sources/mysql/binlog/charset.h"

#include <optional>
#include <vector>

#include <fmt/format.h>

#include "sources/mysql/binlog/byte_reader.h"
#include "sources/mysql/cell_form.h"

namespace starlift::mysql {
namespace {

void AppendCodePoint(uint32_t code, std::string& utf8) {
  if (code < 0x80) {
    utf8.push_back(static_cast<char>(code));
  } else if (code < 0x800) {
    utf8.push_back(static_cast<char>(0xC0 | code >> 6));
    utf8.push_back(static_cast<char>(0x80 | (code & 0x3F)));
  } else if (code < 0x10000) {
    utf8.push_back(static_cast<char>(0xE0 | code >> 12));
    utf8.push_back(static_cast<char>(0x80 | (code >> 6 & 0x3F)));
    utf8.push_back(static_cast<char>(0x80 | (code & 0x3F)));
  } else {
    utf8.push_back(static_cast<char>(0xF0 | code >> 18));
    utf8.push_back(static_cast<char>(0x80 | (code >> 12 & 0x3F)));
    utf8.push_back(static_cast<char>(0x80 | (code >> 6 & 0x3F)));
    utf8.push_back(static_cast<char>(0x80 | (code & 0x3F)));
  }
}

Error NoText(std::string_view charset, std::string_view bytes) {
  constexpr size_t kShownBytes = 40;
  std::string shown;
  for (const char c : bytes.substr(0, kShownBytes))
    shown += fmt::format("{:02X}", static_cast<unsigned char>(c));
  return Error{
      .kind = ErrorKind::kData,
      .message = fmt::format("bytes that are no text of charset {}: X'{}'", charset, shown)};
}

class Utf8 final : public Charset {
 public:
  bool is_utf8() const override { return true; }
  Status Convert(std::string_view bytes, std::string& utf8) const override {
    if (!IsWellFormedUtf8(bytes)) return NoText("utf8mb4", bytes);
    utf8.append(bytes);
    return {};
  }
};

// UTF-16 and UTF-32 in either order of bytes; ucs2 is UTF-16 without surrogates.
class Wide final : public Charset {
 public:
  Wide(std::string name, size_t unit_bytes, bool little, bool surrogates)
      : name_(std::move(name)), unit_bytes_(unit_bytes), little_(little), surrogates_(surrogates) {}

  Status Convert(std::string_view bytes, std::string& utf8) const override {
    if (bytes.size() % unit_bytes_ != 0) return NoText(name_, bytes);
    for (size_t at = 0; at < bytes.size(); at += unit_bytes_) {
      uint32_t code = Unit(bytes, at);
      if (code >= 0xD800 && code < 0xDC00 && surrogates_ && at + 2 * unit_bytes_ <= bytes.size()) {
        at += unit_bytes_;
        const uint32_t low = Unit(bytes, at);
        if (low < 0xDC00 || low > 0xDFFF) return NoText(name_, bytes);
        code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
      }
      if ((code >= 0xD800 && code < 0xE000) || code > 0x10FFFF) return NoText(name_, bytes);
      AppendCodePoint(code, utf8);
    }
    return {};
  }

 private:
  uint32_t Unit(std::string_view bytes, size_t at) const {
    return static_cast<uint32_t>(little_ ? LittleEndian(bytes.data() + at, unit_bytes_)
                                         : BigEndian(bytes.data() + at, unit_bytes_));
  }

  std::string name_;
  size_t unit_bytes_;
  bool little_;
  bool surrogates_;
};

// A character for each byte, by table.
class SingleByte final : public Charset {
 public:
  SingleByte(std::string name, std::array<std::string, 256> characters)
      : name_(std::move(name)), characters_(std::move(characters)) {
    for (size_t i = 0; i < 0x80; ++i) {
      ascii_ = ascii_ && characters_[i] == std::string(1, static_cast<char>(i));
    }
  }

  Status Convert(std::string_view bytes, std::string& utf8) const override {
    if (ascii_ && IsAscii(bytes)) {
      utf8.append(bytes);
      return {};
    }
    for (const char c : bytes) {
      const std::string& character = characters_[static_cast<unsigned char>(c)];
      if (character.empty()) return NoText(name_, bytes);
      utf8.append(character);
    }
    return {};
  }

 private:
  std::string name_;
  std::array<std::string, 256> characters_;
  bool ascii_ = true;
};

// How long a character is, by its first bytes; 0: no character begins so.
using CharacterLength = size_t (*)(std::string_view bytes);

unsigned char ByteAt(std::string_view bytes, size_t at) {
  return at < bytes.size() ? static_cast<unsigned char>(bytes[at]) : 0;
}

size_t TwoByteLength(std::string_view bytes) { return ByteAt(bytes, 0) < 0x80 ? 1 : 2; }
// Half-width katakana are single bytes.
size_t ShiftJisLength(std::string_view bytes) {
  const unsigned char first = ByteAt(bytes, 0);
  return first < 0x80 || (first >= 0xA0 && first <= 0xDF) || first >= 0xFD ? 1 : 2;
}
size_t EucJpLength(std::string_view bytes) {
  const unsigned char first = ByteAt(bytes, 0);
  if (first < 0x80) return 1;
  return first == 0x8F ? 3 : 2;
}
size_t Gb18030Length(std::string_view bytes) {
  if (ByteAt(bytes, 0) < 0x80) return 1;
  const unsigned char second = ByteAt(bytes, 1);
  return second >= '0' && second <= '9' ? 4 : 2;
}

// Characters of several bytes, each asked for when it is first met.
class MultiByte final : public Charset {
 public:
  MultiByte(std::string name, CharacterLength length, AskCharacters ask)
      : name_(std::move(name)), length_(length), ask_(std::move(ask)) {}

  Status Convert(std::string_view bytes, std::string& utf8) const override {
    if (IsAscii(bytes)) {  // of these charsets all have ASCII below 0x80
      utf8.append(bytes);
      return {};
    }
    std::vector<std::string> unknown;
    const size_t begin = utf8.size();
    for (std::string_view rest = bytes; !rest.empty();) {
      const size_t length = length_(rest);
      if (length == 0 || length > rest.size()) return NoText(name_, bytes);
      const std::string_view character = rest.substr(0, length);
      rest.remove_prefix(length);
      if (length == 1 && static_cast<unsigned char>(character[0]) < 0x80) {
        utf8.append(character);
        continue;
      }
      const auto found = known_.find(std::string(character));
      if (found == known_.end()) {
        unknown.emplace_back(character);
      } else if (found->second.empty()) {
        return NoText(name_, bytes);
      } else {
        utf8.append(found->second);
      }
    }
    if (unknown.empty()) return {};
    utf8.resize(begin);
    SL_ASSIGN(const std::vector<std::string> answers, ask_(name_, unknown));
    for (size_t i = 0; i < unknown.size(); ++i) known_[unknown[i]] = answers[i];
    return Convert(bytes, utf8);
  }

 private:
  std::string name_;
  CharacterLength length_;
  AskCharacters ask_;
  mutable std::unordered_map<std::string, std::string> known_;
};

CharacterLength MultiByteLength(std::string_view name) {
  if (name == "big5" || name == "gb2312" || name == "gbk" || name == "euckr") return TwoByteLength;
  if (name == "sjis" || name == "cp932") return ShiftJisLength;
  if (name == "ujis" || name == "eucjpms") return EucJpLength;
  if (name == "gb18030") return Gb18030Length;
  return nullptr;
}

// cp1252, with its five holes filled by the control characters of the same number.
std::unique_ptr<Charset> MakeLatin1() {
  constexpr uint16_t kUpper[32] = {0x20AC, 0x81,   0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
                                   0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8D,   0x017D, 0x8F,
                                   0x90,   0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
                                   0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D,   0x017E, 0x0178};
  std::array<std::string, 256> characters;
  for (uint32_t i = 0; i < characters.size(); ++i) {
    AppendCodePoint(i >= 0x80 && i < 0xA0 ? kUpper[i - 0x80] : i, characters[i]);
  }
  return std::make_unique<SingleByte>("latin1", std::move(characters));
}

Result<std::unique_ptr<Charset>> AskSingleByte(std::string_view name, const AskCharacters& ask) {
  std::vector<std::string> bytes;
  bytes.reserve(256);
  for (int i = 0; i < 256; ++i) bytes.emplace_back(1, static_cast<char>(i));
  SL_ASSIGN(std::vector<std::string> answers, ask(name, bytes));
  std::array<std::string, 256> characters;
  for (size_t i = 0; i < characters.size(); ++i) characters[i] = std::move(answers[i]);
  return std::unique_ptr<Charset>(
      std::make_unique<SingleByte>(std::string(name), std::move(characters)));
}

}  // namespace

Result<const Charset*> CharsetList::Find(std::string_view name) {
  if (const auto found = known_.find(name); found != known_.end()) return found->second.get();
  std::unique_ptr<Charset> charset;
  if (name == "utf8mb4" || name == "utf8mb3" || name == "utf8" || name == "ascii") {
    charset = std::make_unique<Utf8>();
  } else if (name == "latin1") {
    charset = MakeLatin1();
  } else if (name == "ucs2" || name == "utf16" || name == "utf16le") {
    charset = std::make_unique<Wide>(std::string(name), 2, name == "utf16le", name != "ucs2");
  } else if (name == "utf32") {
    charset = std::make_unique<Wide>(std::string(name), 4, false, false);
  } else if (!ask_) {
    return Error{
        .kind = ErrorKind::kPolicy,
        .message = fmt::format("text of charset {} can't be read without its server", name)};
  } else if (const CharacterLength length = MultiByteLength(name)) {
    charset = std::make_unique<MultiByte>(std::string(name), length, ask_);
  } else {
    SL_ASSIGN(charset, AskSingleByte(name, ask_));
  }
  return known_.emplace(std::string(name), std::move(charset)).first->second.get();
}

}  // namespace starlift::mysql
