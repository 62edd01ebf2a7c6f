#include "sources/mysql/ddl/lexer.h"

#include <optional>
#include <utility>

namespace starlift::mysql {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsSpace(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}
bool IsNameByte(char c) {
  return IsDigit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$' ||
         static_cast<unsigned char>(c) >= 0x80;
}
bool IsHexDigit(char c) { return IsDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

// MariaDB skips the comments that MySQL 5.7 and later wrote for themselves.
constexpr uint32_t kFirstForeignVersion = 50700;
constexpr uint32_t kLastForeignVersion = 99999;

class Lexer {
 public:
  Lexer(std::string_view text, const LexerMode& mode) : text_(text), mode_(mode) {}

  Result<std::vector<Token>> Run() {
    while (true) {
      SL_TRY(SkipBlank());
      if (at_ >= text_.size()) break;
      SL_TRY(Next());
    }
    if (live_comments_ > 0) return Unended("comment");
    tokens_.push_back({TokenKind::kEnd, "", text_.size(), text_.size()});
    return std::move(tokens_);
  }

 private:
  char Peek(size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  bool At(std::string_view what) const { return text_.substr(at_).starts_with(what); }

  static Error Unended(std::string_view what) {
    return Error{ErrorKind::kData, "the statement ends inside a " + std::string(what)};
  }

  void Add(TokenKind kind, std::string token, size_t begin) {
    tokens_.push_back({kind, std::move(token), begin, at_});
  }

  Status SkipBlank() {
    while (at_ < text_.size()) {
      if (IsSpace(Peek())) {
        ++at_;
      } else if (Peek() == '#' || (At("--") && (at_ + 2 >= text_.size() || IsSpace(Peek(2))))) {
        at_ = std::min(text_.find('\n', at_), text_.size());
      } else if (At("/*")) {
        SL_TRY(EnterComment());
      } else if (live_comments_ > 0 && At("*/")) {
        --live_comments_;
        at_ += 2;
      } else {
        break;
      }
    }
    return {};
  }

  Status EnterComment() {
    const bool for_mariadb = At("/*M!");
    if (for_mariadb || At("/*!")) {
      const size_t begin = at_;
      at_ += for_mariadb ? 4 : 3;
      const uint32_t version = CommentVersion();
      if (IsLive(version, for_mariadb)) {
        ++live_comments_;
        return {};
      }
      at_ = begin;
    }
    return SkipComment();
  }

  // Five or six digits: 80013, 100307.
  uint32_t CommentVersion() {
    size_t digits = 0;
    while (digits < 6 && IsDigit(Peek(digits))) ++digits;
    if (digits < 5) return 0;
    uint32_t version = 0;
    for (size_t i = 0; i < digits; ++i)
      version = version * 10 + static_cast<uint32_t>(Peek(i) - '0');
    at_ += digits;
    return version;
  }

  bool IsLive(uint32_t version, bool for_mariadb) const {
    if (for_mariadb && !mode_.version.is_mariadb) return false;
    if (mode_.version.is_mariadb && !for_mariadb && version >= kFirstForeignVersion &&
        version <= kLastForeignVersion) {
      return false;
    }
    return mode_.version >= version;
  }

  // A comment inside of one that is skipped ends nothing.
  Status SkipComment() {
    at_ += 2;
    size_t depth = 1;
    while (at_ < text_.size()) {
      if (At("*/")) {
        at_ += 2;
        if (--depth == 0) return {};
      } else if (At("/*!") || At("/*M!")) {
        ++depth;
        at_ += 2;
      } else {
        ++at_;
      }
    }
    return Unended("comment");
  }

  Status Next() {
    const char c = Peek();
    const size_t begin = at_;
    if (c == '`' || (c == '"' && mode_.ansi_quotes)) {
      SL_ASSIGN(std::string name, Quoted(c, false));
      Add(TokenKind::kQuotedName, std::move(name), begin);
      return {};
    }
    if (c == '\'' || c == '"') {
      SL_ASSIGN(std::string string, Quoted(c, !mode_.no_backslash_escapes));
      Add(TokenKind::kString, std::move(string), begin);
      return {};
    }
    SL_ASSIGN(const bool literal, PrefixedLiteral());
    if (literal) return {};
    if (IsDigit(c) || (c == '.' && IsDigit(Peek(1)) && !AfterName())) {
      if (Number()) return {};
    }
    if (IsNameByte(c)) {
      while (IsNameByte(Peek())) ++at_;
      Add(TokenKind::kWord, std::string(text_.substr(begin, at_ - begin)), begin);
      return {};
    }
    ++at_;
    Add(TokenKind::kSymbol, std::string(1, c), begin);
    return {};
  }

  // "db.1table": the dot divides names.
  bool AfterName() const {
    if (tokens_.empty() || tokens_.back().end != at_) return false;
    const TokenKind kind = tokens_.back().kind;
    return kind == TokenKind::kWord || kind == TokenKind::kQuotedName;
  }

  Result<std::string> Quoted(char quote, bool escapes) {
    std::string inside;
    for (++at_; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == quote) {
        if (Peek(1) != quote) {
          ++at_;
          return inside;
        }
        ++at_;
        inside.push_back(quote);
      } else if (c == '\\' && escapes && at_ + 1 < text_.size()) {
        AppendEscaped(text_[++at_], inside);
      } else {
        inside.push_back(c);
      }
    }
    return Unended("quote");
  }

  static void AppendEscaped(char c, std::string& text) {
    switch (c) {
      case '0':
        text.push_back('\0');
        break;
      case 'b':
        text.push_back('\b');
        break;
      case 'n':
        text.push_back('\n');
        break;
      case 'r':
        text.push_back('\r');
        break;
      case 't':
        text.push_back('\t');
        break;
      case 'Z':
        text.push_back('\x1a');
        break;
      case '%':
      case '_':
        text.push_back('\\');
        text.push_back(c);
        break;
      default:
        text.push_back(c);
    }
  }

  // x'41', b'01', 0x41, 0b01, N'text'.
  Result<bool> PrefixedLiteral() {
    const char c = Peek(), next = Peek(1);
    const size_t begin = at_;
    if (next == '\'' && (c == 'x' || c == 'X' || c == 'b' || c == 'B' || c == 'n' || c == 'N')) {
      ++at_;
      const bool national = c == 'n' || c == 'N';
      SL_ASSIGN(std::string inside, Quoted('\'', national && !mode_.no_backslash_escapes));
      Add(national               ? TokenKind::kString
          : c == 'x' || c == 'X' ? TokenKind::kHex
                                 : TokenKind::kBits,
          std::move(inside), begin);
      return true;
    }
    if (c != '0' || (next != 'x' && next != 'b')) return false;
    size_t end = at_ + 2;
    while (end < text_.size() &&
           (next == 'x' ? IsHexDigit(text_[end]) : text_[end] == '0' || text_[end] == '1')) {
      ++end;
    }
    // "0xg" is a name.
    if (end == at_ + 2 || (end < text_.size() && IsNameByte(text_[end]))) return false;
    at_ = end;
    Add(next == 'x' ? TokenKind::kHex : TokenKind::kBits,
        std::string(text_.substr(begin + 2, end - begin - 2)), begin);
    return true;
  }

  // False for names that begin with a digit ("2fa").
  bool Number() {
    size_t end = at_;
    while (end < text_.size() && IsDigit(text_[end])) ++end;
    if (end < text_.size() && text_[end] == '.' && !AfterDot()) {
      ++end;
      while (end < text_.size() && IsDigit(text_[end])) ++end;
    }
    if (end < text_.size() && (text_[end] == 'e' || text_[end] == 'E')) {
      size_t exponent = end + 1;
      if (exponent < text_.size() && (text_[exponent] == '+' || text_[exponent] == '-')) ++exponent;
      if (exponent < text_.size() && IsDigit(text_[exponent])) {
        end = exponent;
        while (end < text_.size() && IsDigit(text_[end])) ++end;
      }
    }
    if (end < text_.size() && IsNameByte(text_[end])) return false;
    const size_t begin = std::exchange(at_, end);
    Add(TokenKind::kNumber, std::string(text_.substr(begin, end - begin)), begin);
    return true;
  }

  bool AfterDot() const {
    return !tokens_.empty() && tokens_.back().end == at_ && tokens_.back().text == ".";
  }

  const std::string_view text_;
  const LexerMode& mode_;
  size_t at_ = 0;
  size_t live_comments_ = 0;
  std::vector<Token> tokens_;
};

}  // namespace

Result<std::vector<Token>> Tokenize(std::string_view statement, const LexerMode& mode) {
  return Lexer(statement, mode).Run();
}

}  // namespace starlift::mysql
