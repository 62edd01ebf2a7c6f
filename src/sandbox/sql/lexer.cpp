#include "sandbox/sql/lexer.h"

#include <array>
#include <cctype>

namespace starlift::sandbox::sql {
namespace {

constexpr char32_t kLastLetter = 0xFFFF;  // beyond it no character is part of an unquoted name
constexpr std::string_view kIdeographicSpace = "\xE3\x80\x80";

// Longest first.
constexpr auto kOperators = std::to_array<std::string_view>({
    "...", "<=>", "!=", "<>", "<=", ">=", "->", "||", "&&", ":=", "(", ")",
    ",",   ";",   ".",  "+",  "-",  "*",  "/",  "%",  "=",  "<",  ">", "!",
    "~",   "&",   "|",  "^",  "@",  ":",  "?",  "[",  "]",  "{",  "}",
});

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Length of the UTF-8 sequence at the start of `text` and its code point; a stray byte counts as
// one.
size_t DecodeUtf8(std::string_view text, char32_t* code_point) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC0 ? 2 : 1;
  if (length > text.size()) length = 1;
  *code_point = length == 1 ? first : first & (0xFF >> (length + 1));
  for (size_t i = 1; i < length; ++i) *code_point = *code_point << 6 | (byte(i) & 0x3F);
  return length;
}

// Bytes of the letter or digit at the start of `text` as unquoted names take it; 0 if it is none.
size_t NameCharacter(std::string_view text) {
  if (text.empty()) return 0;
  const char c = text[0];
  if (std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '$') return 1;
  if (static_cast<unsigned char>(c) < 0x80) return 0;
  if (text.substr(0, kIdeographicSpace.size()) == kIdeographicSpace) return 0;
  char32_t code_point = 0;
  const size_t length = DecodeUtf8(text, &code_point);
  return length > 1 && code_point <= kLastLetter ? length : 0;
}

std::string ToUpper(std::string_view text) {
  std::string upper(text);
  for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return upper;
}

std::string Unescape(std::string_view body, char quote) {
  std::string value;
  value.reserve(body.size());
  for (size_t i = 0; i < body.size(); ++i) {
    if (body[i] == quote) ++i;  // doubled
    if (body[i] != '\\' || i + 1 == body.size()) {
      value += body[i];
      continue;
    }
    const char escaped = body[++i];
    switch (escaped) {
      case '0':
        value += '\0';
        break;
      case 'b':
        value += '\b';
        break;
      case 'n':
        value += '\n';
        break;
      case 'r':
        value += '\r';
        break;
      case 't':
        value += '\t';
        break;
      case 'Z':
        value += '\x1A';
        break;
      case '%':
      case '_':  // these stay escaped: they mean something to LIKE
        value += '\\';
        value += escaped;
        break;
      default:
        value += escaped;
    }
  }
  return value;
}

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  std::vector<Token> Run() {
    while (SkipBlanksAndComments(), offset_ < text_.size()) {
      if (!Next()) Advance(CharacterLength());  // what begins no token is passed over
    }
    Token end;
    end.offset = text_.size();
    end.position = position_;
    end.text = text_.substr(text_.size());
    tokens_.push_back(end);
    return std::move(tokens_);
  }

 private:
  std::string_view Rest() const { return text_.substr(offset_); }

  bool StartsWith(std::string_view prefix) const {
    return text_.substr(offset_, prefix.size()) == prefix;
  }

  size_t CharacterLength() const {
    char32_t ignored = 0;
    return DecodeUtf8(Rest(), &ignored);
  }

  void Advance(size_t bytes) {
    const size_t end = offset_ + bytes;
    while (offset_ < end) {
      if (text_[offset_] == '\n') {
        ++position_.line;
        position_.column = 0;
        ++offset_;
      } else {
        offset_ += std::max<size_t>(1, CharacterLength());
        ++position_.column;
      }
    }
  }

  void SkipBlanksAndComments() {
    while (offset_ < text_.size()) {
      const char c = text_[offset_];
      if (std::isspace(static_cast<unsigned char>(c)) != 0) {
        Advance(1);
      } else if (StartsWith(kIdeographicSpace)) {
        Advance(kIdeographicSpace.size());
      } else if (StartsWith("--") || c == '#') {
        const size_t end = text_.find('\n', offset_);
        Advance((end == std::string_view::npos ? text_.size() : end) - offset_);
      } else if (StartsWith("/*") && !StartsWith("/*+")) {
        const size_t end = text_.find("*/", offset_ + 2);
        if (end == std::string_view::npos) return;  // then it is a division sign and a star
        Advance(end + 2 - offset_);
      } else {
        return;
      }
    }
  }

  void Push(TokenKind kind, size_t bytes, std::string value) {
    Token token;
    token.kind = kind;
    token.text = text_.substr(offset_, bytes);
    token.value = std::move(value);
    token.offset = offset_;
    token.position = position_;
    tokens_.push_back(std::move(token));
    Advance(bytes);
  }

  bool Next() {
    const char c = text_[offset_];
    if (StartsWith("/*+")) return Hint();
    if (c == '`') return QuotedName();
    if (c == '\'' || c == '"') return String(c);
    if ((c == 'x' || c == 'X') && offset_ + 1 < text_.size() &&
        (text_[offset_ + 1] == '\'' || text_[offset_ + 1] == '"') && Binary()) {
      return true;
    }
    if (IsDigit(c) ||
        (c == '.' && offset_ + 1 < text_.size() && IsDigit(text_[offset_ + 1]) && !FollowsName())) {
      return NumberOrName();
    }
    if (NameCharacter(Rest()) != 0) return Name();
    for (const std::string_view op : kOperators) {
      if (!StartsWith(op)) continue;
      Push(TokenKind::kOperator, op.size(), std::string(op));
      return true;
    }
    return false;
  }

  // In `t.1a` the dot belongs to the name before it.
  bool FollowsName() const {
    return !tokens_.empty() && tokens_.back().end_offset() == offset_ &&
           (tokens_.back().IsWord() || tokens_.back().kind == TokenKind::kQuotedIdentifier);
  }

  bool Hint() {
    const size_t end = text_.find("*/", offset_ + 3);
    if (end == std::string_view::npos) return false;
    Push(TokenKind::kHint, end + 2 - offset_,
         std::string(text_.substr(offset_ + 3, end - offset_ - 3)));
    return true;
  }

  bool QuotedName() {
    size_t end = offset_ + 1;
    std::string value;
    while (end < text_.size()) {
      if (text_[end] != '`') {
        value += text_[end++];
      } else if (end + 1 < text_.size() && text_[end + 1] == '`' && end > offset_ + 1) {
        end += 2;  // the server drops doubled backticks rather than keeping one
      } else {
        Push(TokenKind::kQuotedIdentifier, end + 1 - offset_, std::move(value));
        return true;
      }
    }
    Advance(text_.size() - offset_);  // unterminated: nothing of it is a token
    return true;
  }

  // Where the quote ends, or npos.
  size_t EndOfString(size_t begin, char quote) const {
    for (size_t i = begin; i < text_.size(); ++i) {
      if (text_[i] == '\\') {
        ++i;
      } else if (text_[i] == quote) {
        if (i + 1 < text_.size() && text_[i + 1] == quote) {
          ++i;
        } else {
          return i;
        }
      }
    }
    return std::string_view::npos;
  }

  bool String(char quote) {
    const size_t end = EndOfString(offset_ + 1, quote);
    if (end == std::string_view::npos) {
      Advance(text_.size() - offset_);
      return true;
    }
    const std::string_view body = text_.substr(offset_ + 1, end - offset_ - 1);
    Push(TokenKind::kString, end + 1 - offset_, Unescape(body, quote));
    return true;
  }

  bool Binary() {
    const char quote = text_[offset_ + 1];
    const size_t end = text_.find(quote, offset_ + 2);
    if (end == std::string_view::npos) return false;
    Push(TokenKind::kBinary, end + 1 - offset_,
         std::string(text_.substr(offset_ + 2, end - offset_ - 2)));
    return true;
  }

  size_t SkipDigits(size_t at) const {
    while (at < text_.size() && IsDigit(text_[at])) ++at;
    return at;
  }

  size_t NameEnd(size_t at) const {
    while (const size_t length = NameCharacter(text_.substr(at))) at += length;
    return at;
  }

  // Numbers, and names that begin with digits such as 1abc: whichever is longer.
  bool NumberOrName() {
    size_t end = SkipDigits(offset_);
    TokenKind kind = TokenKind::kInteger;
    if (end < text_.size() && text_[end] == '.') {
      end = SkipDigits(end + 1);
      kind = TokenKind::kDecimal;
    }
    if (end < text_.size() && (text_[end] == 'e' || text_[end] == 'E')) {
      size_t exponent = end + 1;
      if (exponent < text_.size() && (text_[exponent] == '+' || text_[exponent] == '-')) ++exponent;
      if (exponent < text_.size() && IsDigit(text_[exponent])) {
        end = SkipDigits(exponent);
        kind = TokenKind::kDouble;
      }
    }
    if (NameEnd(offset_) > end) return Name();
    Push(kind, end - offset_, std::string(text_.substr(offset_, end - offset_)));
    return true;
  }

  bool Name() {
    const size_t end = NameEnd(offset_);
    const std::string_view word = text_.substr(offset_, end - offset_);
    Push(IsReservedWord(word) ? TokenKind::kKeyword : TokenKind::kIdentifier, word.size(),
         ToUpper(word));
    return true;
  }

  std::string_view text_;
  size_t offset_ = 0;
  Position position_;
  std::vector<Token> tokens_;
};

}  // namespace

bool Token::Is(std::string_view upper_word_or_operator) const {
  return (IsWord() || kind == TokenKind::kOperator) && value == upper_word_or_operator;
}

std::string Token::Name() const {
  return kind == TokenKind::kQuotedIdentifier ? value : std::string(text);
}

std::vector<Token> Tokenize(std::string_view text) { return Lexer(text).Run(); }

std::vector<std::string_view> SplitStatements(std::string_view text) {
  std::vector<std::string_view> statements;
  size_t begin = 0;
  bool has_tokens = false;
  for (const Token& token : Tokenize(text)) {
    const bool is_end = token.kind == TokenKind::kEnd;
    if (!is_end && !token.Is(";")) {
      has_tokens = true;
      continue;
    }
    if (has_tokens) statements.push_back(text.substr(begin, token.offset - begin));
    begin = token.end_offset();
    has_tokens = false;
  }
  if (statements.empty()) statements.push_back(text);
  return statements;
}

std::string QuoteName(std::string_view name) {
  std::string quoted = "`";
  for (const char c : name) {
    if (c != '`') quoted += c;
  }
  return quoted + "`";
}

std::string QuoteText(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + "\"";
}

}  // namespace starlift::sandbox::sql
