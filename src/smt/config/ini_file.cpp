#include "smt/config/ini_file.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include <fmt/format.h>
#include <simdjson.h>

namespace starlift::smt {
namespace {

constexpr std::string_view kBeforeAnySection = "DEFAULT";
// A variable may hold variables; one that comes round to itself ends here.
constexpr int kMaxVariableDepth = 99;

std::string_view Trim(std::string_view text) {
  const auto is_blank = [](char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; };
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

// One line `key = value`; the reason why it is none, or empty.
std::string SplitEntry(std::string_view line, IniEntry& entry) {
  std::string_view rest = line;
  for (const std::string_view quote : {"\"\"\"", "\"", "`"}) {
    if (!line.starts_with(quote)) continue;
    const size_t end = line.find(quote, quote.size());
    if (end == std::string_view::npos) return fmt::format("the key's {} is not closed", quote);
    entry.key = std::string(line.substr(quote.size(), end - quote.size()));
    rest = Trim(line.substr(end + quote.size()));
    if (!rest.starts_with('=') && !rest.starts_with(':')) return "no = or : after the key";
    break;
  }
  const size_t split = rest.find_first_of("=:");
  if (split == std::string_view::npos) return "neither a [section] nor key = value";
  if (entry.key.empty()) entry.key = std::string(Trim(rest.substr(0, split)));
  if (entry.key.empty()) return "no key before the = or :";
  const std::string_view value = Trim(rest.substr(split + 1));
  for (const std::string_view quote : {"\"\"\"", "`"}) {
    if (!value.starts_with(quote)) continue;
    const size_t end = value.rfind(quote);
    if (end < quote.size()) return fmt::format("the value's {} is not closed", quote);
    entry.value = std::string(value.substr(quote.size(), end - quote.size()));
    return {};
  }
  entry.value = std::string(value);
  return {};
}

}  // namespace

const IniEntry* IniSection::Find(std::string_view key) const {
  const auto found = std::find_if(entries.begin(), entries.end(),
                                  [&](const IniEntry& entry) { return entry.key == key; });
  return found == entries.end() ? nullptr : &*found;
}

const IniSection* IniFile::Find(std::string_view section) const {
  const auto found = std::find_if(sections_.begin(), sections_.end(),
                                  [&](const IniSection& each) { return each.name == section; });
  return found == sections_.end() ? nullptr : &*found;
}

IniSection& IniFile::Open(std::string_view name, int line) {
  const auto found = std::find_if(sections_.begin(), sections_.end(),
                                  [&](const IniSection& each) { return each.name == name; });
  if (found != sections_.end()) return *found;
  return sections_.emplace_back(IniSection{.name = std::string(name), .line = line});
}

IniFile IniFile::Parse(std::string_view text, const std::string& path, std::vector<Error>& errors,
                       std::vector<std::string>& notes) {
  IniFile file;
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  size_t section = 0;
  file.Open(kBeforeAnySection, 0);
  int dashes = 0;
  for (int line_number = 1; !text.empty(); ++line_number) {
    const size_t end = text.find('\n');
    const std::string_view line = Trim(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    const std::string where = fmt::format("{}:{}", path, line_number);
    if (line.empty() || line.front() == '#' || line.front() == ';') continue;
    if (line.find('\0') != std::string_view::npos) {
      errors.push_back({.kind = ErrorKind::kUsage, .message = "a NUL byte", .where = where});
      continue;
    }
    // Comments may be in any encoding; what counts goes into statements and addresses.
    if (!simdjson::validate_utf8(line.data(), line.size())) {
      errors.push_back({.kind = ErrorKind::kUsage,
                        .message = "this line is not UTF-8",
                        .where = where,
                        .mend = "save the file as UTF-8"});
      continue;
    }
    if (line.front() == '[' && line.back() == ']') {
      const std::string_view name = Trim(line.substr(1, line.size() - 2));
      if (name.empty()) {
        errors.push_back({.kind = ErrorKind::kUsage,
                          .message = "a section without a name",
                          .where = where,
                          .mend = "write [db], [other] or [table-rule.1]"});
        continue;
      }
      if (const IniSection* const earlier = file.Find(name); earlier && earlier->line > 0) {
        notes.push_back(
            fmt::format("{}: section [{}] was opened at line {} already; what follows "
                        "is added to it",
                        where, name, earlier->line));
      }
      IniSection& opened = file.Open(name, line_number);
      section = static_cast<size_t>(&opened - file.sections_.data());
      dashes = 0;
      continue;
    }
    IniEntry entry{.line = line_number};
    if (std::string reason = SplitEntry(line, entry); !reason.empty()) {
      errors.push_back({.kind = ErrorKind::kUsage,
                        .message = "this line can't be read: " + reason,
                        .where = where});
      continue;
    }
    if (entry.key == "-") entry.key = fmt::format("#{}", ++dashes);
    std::vector<IniEntry>& entries = file.sections_[section].entries;
    const auto given = std::find_if(entries.begin(), entries.end(),
                                    [&](const IniEntry& each) { return each.key == entry.key; });
    if (given == entries.end()) {
      entries.push_back(std::move(entry));
    } else {
      notes.push_back(fmt::format("{}: {} was given at line {} already; the last one counts", where,
                                  entry.key, given->line));
      *given = std::move(entry);
    }
  }
  return file;
}

void IniFile::Expand(const IniSection& section, UnknownVariable unknown, IniValue& value) const {
  const IniSection* const defaults = Find(kBeforeAnySection);
  size_t from = 0;
  for (int depth = 0; depth < kMaxVariableDepth; ++depth) {
    const size_t open = value.text.find("%(", from);
    if (open == std::string::npos) return;
    const size_t close = value.text.find(")s", open);
    if (close == std::string::npos) return;
    const std::string name = value.text.substr(open + 2, close - open - 2);
    const IniEntry* found = defaults->Find(name);
    if (found == nullptr) found = section.Find(name);
    if (found != nullptr) {
      value.text.replace(open, close + 2 - open, found->value);
      continue;
    }
    value.unknown_variables.push_back(name);
    if (unknown == UnknownVariable::kBecomesEmpty) {
      value.text.erase(open, close + 2 - open);
    } else {
      from = close + 2;
    }
  }
}

std::optional<IniValue> IniFile::Get(std::string_view section, std::string_view key,
                                     UnknownVariable unknown) const {
  while (true) {
    const IniSection* const found = Find(section);
    if (const IniEntry* const entry = found ? found->Find(key) : nullptr) {
      IniValue value{.text = entry->value, .line = entry->line};
      Expand(*found, unknown, value);
      return value;
    }
    const size_t dot = section.rfind('.');
    if (dot == std::string_view::npos) return std::nullopt;
    section = section.substr(0, dot);
  }
}

}  // namespace starlift::smt
