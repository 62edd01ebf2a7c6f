#include "sources/mysql/binlog/statement_kind.h"

#include <algorithm>
#include <cctype>

namespace starlift::mysql {
namespace {

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool IsNameByte(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '$' ||
         static_cast<unsigned char>(c) >= 0x80;
}

struct Word {
  std::string text;  // lower case, unless quoted
  bool quoted = false;
  bool name = false;  // a word or a quoted name; else one sign
};

// Cuts a statement into words, as far as that is needed to see what it begins with and which names
// it mentions. Comments are skipped, their executable form is read.
class WordReader {
 public:
  explicit WordReader(std::string_view text) : text_(text) {}

  bool Next(Word& word) {
    SkipBlanks();
    word = {};
    if (at_ >= text_.size()) return false;
    const char c = text_[at_];
    if (c == '`' || c == '"' || c == '\'') {
      word.quoted = true;
      word.name = c != '\'';
      word.text = TakeQuoted(c);
      return true;
    }
    if (!IsNameByte(c)) {
      word.text = c;
      ++at_;
      return true;
    }
    word.name = true;
    while (at_ < text_.size() && IsNameByte(text_[at_])) word.text.push_back(text_[at_++]);
    return true;
  }

  std::string_view rest() {
    SkipBlanks();
    return text_.substr(at_);
  }

 private:
  void SkipBlanks() {
    while (at_ < text_.size()) {
      const std::string_view rest = text_.substr(at_);
      if (std::isspace(static_cast<unsigned char>(rest[0])) != 0) {
        ++at_;
      } else if (rest.starts_with("/*!") || rest.starts_with("/*M!")) {
        at_ += rest.find('!') + 1;
        while (at_ < text_.size() && std::isdigit(static_cast<unsigned char>(text_[at_])) != 0)
          ++at_;
      } else if (rest.starts_with("/*")) {
        const size_t end = text_.find("*/", at_ + 2);
        at_ = end == std::string_view::npos ? text_.size() : end + 2;
      } else if (rest.starts_with("*/")) {
        at_ += 2;
      } else if (rest.starts_with("#") || rest.starts_with("-- ")) {
        at_ = std::min(text_.find('\n', at_), text_.size());
      } else {
        return;
      }
    }
  }

  std::string TakeQuoted(char quote) {
    std::string text;
    ++at_;
    while (at_ < text_.size()) {
      const char c = text_[at_++];
      if (c == quote) {
        if (at_ >= text_.size() || text_[at_] != quote) return text;
        ++at_;
      } else if (c == '\\' && quote != '`' && at_ < text_.size()) {
        text.push_back(text_[at_++]);
        continue;
      }
      text.push_back(c);
    }
    return text;
  }

  std::string_view text_;
  size_t at_ = 0;
};

bool Is(const Word& word, std::string_view lower) {
  return !word.quoted && word.text.size() == lower.size() &&
         std::equal(lower.begin(), lower.end(), word.text.begin(),
                    [](char left, char right) { return left == Lower(right); });
}

// `X'AB', X'', 1` and `X'ab',X'',1` are one name.
std::string NormalXid(std::string_view text) {
  std::string normal;
  for (const char c : text) {
    if (std::isspace(static_cast<unsigned char>(c)) != 0) continue;
    normal.push_back(c == 'X' ? 'X' : Lower(c));
  }
  if (!normal.empty() && normal[0] == 'x') normal[0] = 'X';
  constexpr std::string_view kOnePhase = "onephase";
  if (normal.ends_with(kOnePhase)) normal.resize(normal.size() - kOnePhase.size());
  return normal;
}

// Pairs of names joined by a dot, and single names.
std::vector<std::pair<std::string, std::string>> AllNames(WordReader& reader, size_t most) {
  std::vector<std::pair<std::string, std::string>> names;
  Word word;
  bool after_dot = false;
  while (names.size() < most && reader.Next(word)) {
    if (word.name) {
      if (after_dot && !names.empty()) {
        names.back() = {names.back().second, word.text};
      } else {
        names.emplace_back("", word.text);
      }
    }
    after_dot = !word.quoted && word.text == ".";
  }
  return names;
}

// INSERT … INTO t, REPLACE INTO t, LOAD DATA … INTO TABLE t: one table, the first name behind the
// words that may stand between.
std::vector<std::pair<std::string, std::string>> Target(WordReader reader) {
  constexpr std::string_view kBetween[] = {
      "insert", "replace", "low_priority", "delayed", "ignore", "high_priority", "into",
      "table",  "load",    "data",         "xml",     "local",  "concurrent",    "infile"};
  Word word;
  std::pair<std::string, std::string> name;
  while (reader.Next(word)) {
    if (!word.name) continue;
    const bool between = std::any_of(std::begin(kBetween), std::end(kBetween),
                                     [&](std::string_view skipped) { return Is(word, skipped); });
    if (!between) break;
  }
  name.second = word.text;
  if (reader.rest().starts_with(".") && reader.Next(word) && reader.Next(word))
    name = {name.second, word.text};
  return {name};
}

constexpr size_t kMostNames = 10'000;

bool EndsWithStartTransaction(std::string_view statement) {
  while (!statement.empty() && (statement.back() == ' ' || statement.back() == ';'))
    statement.remove_suffix(1);
  constexpr std::string_view kEnd = "START TRANSACTION";
  return statement.ends_with(kEnd);
}

StatementMeaning XaMeaning(WordReader& reader) {
  Word word;
  if (!reader.Next(word)) return {};
  if (Is(word, "start") || Is(word, "begin")) return {.kind = StatementKind::kXaStart};
  if (Is(word, "end") || Is(word, "prepare")) return {.kind = StatementKind::kXaEnd};
  if (Is(word, "commit"))
    return {.kind = StatementKind::kXaCommit, .name = NormalXid(reader.rest())};
  if (Is(word, "rollback"))
    return {.kind = StatementKind::kXaRollback, .name = NormalXid(reader.rest())};
  return {};
}

StatementMeaning RollbackMeaning(WordReader& reader) {
  Word word;
  bool to = false;
  while (reader.Next(word)) {
    if (to && !Is(word, "savepoint"))
      return {.kind = StatementKind::kRollbackTo, .name = word.text};
    to = to || Is(word, "to");
  }
  return {.kind = StatementKind::kRollback};
}

}  // namespace

StatementMeaning ReadMeaning(std::string_view statement) {
  WordReader reader(statement);
  const WordReader begin = reader;
  Word word;
  if (!reader.Next(word)) return {.kind = StatementKind::kNothing};
  if (Is(word, "begin")) return {.kind = StatementKind::kBegin};
  if (Is(word, "commit")) return {.kind = StatementKind::kCommit};
  if (Is(word, "rollback")) return RollbackMeaning(reader);
  if (Is(word, "xa")) return XaMeaning(reader);
  if (Is(word, "savepoint")) {
    reader.Next(word);
    return {.kind = StatementKind::kSavepoint, .name = word.text};
  }
  if (Is(word, "release") || Is(word, "flush") || Is(word, "analyze") || Is(word, "optimize") ||
      Is(word, "repair") || Is(word, "grant") || Is(word, "revoke") || Is(word, "set")) {
    return {.kind = StatementKind::kNothing};
  }
  if (Is(word, "insert") || Is(word, "replace") || Is(word, "load"))
    return {.kind = StatementKind::kRowChange, .names = Target(begin)};
  if (Is(word, "update") || Is(word, "delete") || Is(word, "with") || Is(word, "call"))
    return {.kind = StatementKind::kRowChange, .names = AllNames(reader, kMostNames)};
  if (Is(word, "create") && EndsWithStartTransaction(statement))
    return {.kind = StatementKind::kCreateWithSelect};
  return {};
}

std::optional<std::pair<std::string, std::string>> FindForeignKeyTable(std::string_view statement) {
  WordReader reader(statement);
  Word word;
  if (!reader.Next(word) || !(Is(word, "create") || Is(word, "alter"))) return std::nullopt;
  while (reader.Next(word) && !Is(word, "table")) {
  }
  bool more = reader.Next(word);
  while (more && (Is(word, "if") || Is(word, "not") || Is(word, "exists")))
    more = reader.Next(word);
  if (!more) return std::nullopt;
  std::pair<std::string, std::string> table{"", word.text};
  more = reader.Next(word);
  if (more && word.text == "." && reader.Next(word)) {
    table = {table.second, word.text};
    more = reader.Next(word);
  }
  for (bool drops = false; more; more = reader.Next(word)) {
    if (Is(word, "foreign") || Is(word, "references")) return table;
    if (drops && Is(word, "constraint")) return table;
    drops = Is(word, "drop");
  }
  return std::nullopt;
}

}  // namespace starlift::mysql
