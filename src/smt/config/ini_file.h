#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace starlift::smt {

struct IniEntry {
  std::string key;
  std::string value;  // as written, quotes of the format stripped
  int line = 0;
};

struct IniSection {
  std::string name;
  int line = 0;                   // of its head; 0 for what stands before any section
  std::vector<IniEntry> entries;  // in file order, each key once: the last one given counts

  const IniEntry* Find(std::string_view key) const;
};

// A value with its variables filled in.
struct IniValue {
  std::string text;
  int line = 0;
  // Names in %(name)s that the file doesn't have.
  std::vector<std::string> unknown_variables;
};

// What becomes of %(name)s where the file has no such name.
enum class UnknownVariable { kStays, kBecomesEmpty };

// The format of config_prod.conf (docs/reference/smt-differences.md, "The file"): `key = value` or
// `key: value` under [section]; # and ; begin comment lines only; keys and sections are
// case-sensitive. Plain data.
class IniFile {
 public:
  // Reads all of it; each line that can't be read adds an error with its place, each key or section
  // that is given twice a note.
  static IniFile Parse(std::string_view text, const std::string& path, std::vector<Error>& errors,
                       std::vector<std::string>& notes);

  const std::vector<IniSection>& sections() const { return sections_; }
  const IniSection* Find(std::string_view section) const;

  // The key in the section [a.b.c], else in [a.b], else in [a].
  std::optional<IniValue> Get(std::string_view section, std::string_view key,
                              UnknownVariable unknown) const;

 private:
  IniSection& Open(std::string_view name, int line);
  void Expand(const IniSection& section, UnknownVariable unknown, IniValue& value) const;

  std::vector<IniSection> sections_;
};

}  // namespace starlift::smt
