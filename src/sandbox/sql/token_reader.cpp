#include "sandbox/sql/token_reader.h"

#include <algorithm>
#include <charconv>

namespace starlift::sandbox::sql {
namespace {

constexpr std::string_view kLegalName = "a legal identifier";
constexpr std::string_view kTextExpected = "SINGLE_QUOTED_TEXT, DOUBLE_QUOTED_TEXT";
constexpr size_t kMaxNameParts = 3;

std::string Shown(const Token& token) {
  return token.kind == TokenKind::kEnd ? "<EOF>" : std::string(token.text);
}

}  // namespace

std::string QualifiedName::ToString() const {
  std::string joined;
  for (const std::string& part : parts) {
    if (!joined.empty()) joined += '.';
    joined += part;
  }
  return joined;
}

TokenReader::TokenReader(std::string_view text, std::span<const Token> tokens) : text_(text) {
  tokens_.reserve(tokens.size());
  for (const Token& token : tokens) {
    if (token.kind != TokenKind::kHint) tokens_.push_back(token);
  }
}

const Token& TokenReader::Peek(size_t ahead) const {
  return tokens_[std::min(next_ + ahead, tokens_.size() - 1)];
}

Token TokenReader::Take() {
  previous_ = std::min(next_, tokens_.size() - 1);
  if (next_ + 1 < tokens_.size()) ++next_;
  return tokens_[previous_];
}

bool TokenReader::Sees(std::initializer_list<std::string_view> words) const {
  size_t ahead = 0;
  for (const std::string_view word : words) {
    if (!Peek(ahead++).Is(word)) return false;
  }
  return true;
}

bool TokenReader::Accept(std::initializer_list<std::string_view> words) {
  if (!Sees(words)) return false;
  for (size_t i = 0; i < words.size(); ++i) Take();
  return true;
}

Status TokenReader::Expect(std::string_view word) {
  if (Accept(word)) return {};
  return Unexpected("'" + std::string(word) + "'");
}

Status TokenReader::Expect(std::initializer_list<std::string_view> words) {
  for (const std::string_view word : words) SL_TRY(Expect(word));
  return {};
}

Status TokenReader::ExpectEnd() {
  Accept(";");
  if (AtEnd()) return {};
  return Unexpected("<EOF>, ';'");
}

Result<std::string> TokenReader::Name() {
  if (!Peek().IsName()) return Unexpected(kLegalName);
  return Take().Name();
}

Result<QualifiedName> TokenReader::ObjectName() {
  QualifiedName name;
  name.position = Peek().position;
  do {
    SL_ASSIGN(std::string part, Name());
    name.parts.push_back(std::move(part));
  } while (Accept("."));
  if (name.parts.size() > kMaxNameParts) {
    return SyntaxError("Invalid table name format '" + name.ToString() + "'");
  }
  return name;
}

Result<std::string> TokenReader::Text() {
  if (Peek().kind != TokenKind::kString) return Unexpected(kTextExpected);
  return Take().value;
}

Result<int64_t> TokenReader::Integer() {
  const Token& token = Peek();
  int64_t number = 0;
  if (token.kind != TokenKind::kInteger) return Unexpected("INTEGER_VALUE");
  const char* end = token.value.data() + token.value.size();
  if (std::from_chars(token.value.data(), end, number).ec != std::errc()) {
    return SyntaxErrorAt(token.position, "Invalid numeric literal " + token.value);
  }
  Take();
  return number;
}

Result<std::vector<std::string>> TokenReader::NameList() {
  std::vector<std::string> names;
  SL_TRY(Expect("("));
  do {
    SL_ASSIGN(std::string name, Name());
    names.push_back(std::move(name));
  } while (Accept(","));
  if (!Accept(")")) return Unexpected("',', ')'");
  return names;
}

Result<Properties> TokenReader::PropertyList() {
  Properties properties;
  SL_TRY(Expect("("));
  do {
    SL_ASSIGN(std::string key, Text());
    SL_TRY(Expect("="));
    SL_ASSIGN(std::string value, Text());
    properties.emplace_back(std::move(key), std::move(value));
  } while (Accept(","));
  if (!Accept(")")) return Unexpected("',', ')'");
  return properties;
}

Result<bool> TokenReader::IfExists() {
  if (!Accept("IF")) return false;
  SL_TRY(Expect("EXISTS"));
  return true;
}

Result<bool> TokenReader::IfNotExists() {
  if (!Accept("IF")) return false;
  SL_TRY(Expect({"NOT", "EXISTS"}));
  return true;
}

TextRange TokenReader::RangeOf(size_t first_token, size_t after_token) const {
  const Token& first = tokens_[first_token];
  TextRange range;
  range.begin = first.position;
  if (after_token <= first_token) {
    range.text = text_.substr(first.offset, 0);
    range.end = first.position;
    return range;
  }
  const Token& last = tokens_[after_token - 1];
  range.text = text_.substr(first.offset, last.end_offset() - first.offset);
  range.end = last.position;
  return range;
}

TextRange TokenReader::RestAsText() {
  const size_t first = next_;
  size_t after = tokens_.size() - 1;
  next_ = after;
  previous_ = after;
  while (after > first && tokens_[after - 1].Is(";")) --after;
  return RangeOf(first, after);
}

TextRange TokenReader::ExpressionText(std::initializer_list<std::string_view> stops) {
  const size_t first = next_;
  int depth = 0;
  while (!AtEnd()) {
    const Token& token = Peek();
    if (depth == 0) {
      if (token.Is(",") || token.Is(")") || token.Is(";")) break;
      const bool stop = std::any_of(stops.begin(), stops.end(),
                                    [&](std::string_view word) { return token.Is(word); });
      if (stop && next_ > first) break;
    }
    if (token.Is("(") || token.Is("[") || token.Is("{")) ++depth;
    if (token.Is(")") || token.Is("]") || token.Is("}")) --depth;
    Take();
  }
  return RangeOf(first, next_);
}

Error TokenReader::Unexpected(std::string_view expected) const {
  const Token& token = Peek();
  return SyntaxErrorAt(token.position, "Unexpected input '" + Shown(token) +
                                           "', the most similar input is {" +
                                           std::string(expected) + "}");
}

Error TokenReader::NoViable(const Token& begin) const {
  const Token& token = Peek();
  const size_t end = token.kind == TokenKind::kEnd && next_ > 0 ? tokens_[next_ - 1].end_offset()
                                                                : token.end_offset();
  const size_t from = std::min(begin.offset, end);
  return SyntaxErrorAt(token.position, "No viable statement for input '" +
                                           std::string(text_.substr(from, end - from)) + "'");
}

Error TokenReader::NoViable() const { return NoViable(tokens_.front()); }

}  // namespace starlift::sandbox::sql
