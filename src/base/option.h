#pragma once

#include <chrono>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace starlift {

enum class OptionType {
  kText,
  kTexts,     // given several times, or a YAML list: patterns and the like, never split
  kFlag,      // on the command line without a value: --dry-run, --no-dry-run
  kInteger,   // minimum … maximum
  kBytes,     // "64MiB"; minimum … maximum in bytes
  kDuration,  // "10min"; minimum … maximum in milliseconds
  kChoice,    // one of `choices`
  kPairs,     // task file only: a YAML map of text to text
  kList,      // comma-separated, or a YAML list; each one of `choices` where there are any
};

// Where an option may be given.
enum OptionPlace : unsigned {
  kCommandLine = 1,  // --name
  kTaskFile = 2,     // section.name
  kEnvironment = 4,  // STARLIFT_NAME
  kEverywhere = 7,
};

// The one declaration of an option: from it come the command-line parser, --help, the names in the
// task file and the environment, the reference page and the JSON Schema. Static data.
struct OptionDeclaration {
  // Lower case with `-`. As a flag `--name`; in files and URLs `_` may stand for `-`.
  std::string_view name;
  // The task file's section; empty for its top level. The environment and the command line know no
  // sections, so `flag` must be unique where `name` alone is not.
  std::string_view section;
  std::string_view flag;  // empty: the same as `name`
  OptionType type = OptionType::kText;
  // As the user would write it. Empty: none.
  std::string_view default_text;
  std::string_view placeholder;  // what --help shows for the value: "DIR", "N"
  std::string_view help;         // one or two sentences, ends with a period
  std::vector<std::string_view> choices = {};
  int64_t minimum = 0;
  int64_t maximum = std::numeric_limits<int64_t>::max();
  bool secret = false;
  unsigned places = kEverywhere;

  std::string_view flag_name() const { return flag.empty() ? name : flag; }
  // "limits.load-bytes"
  std::string path() const;
  // "STARLIFT_LOAD_BYTES"
  std::string environment_name() const;
};

// A value that was checked against its declaration; besides `text` only the member for its type is
// set.
struct OptionValue {
  std::string text;                // as it was given; lists joined by commas
  std::vector<std::string> items;  // kList, kTexts
  std::vector<std::pair<std::string, std::string>> pairs;  // kPairs
  int64_t number = 0;  // kInteger, kBytes, kDuration (milliseconds), kFlag (0 or 1)

  bool flag() const { return number != 0; }
  std::chrono::milliseconds duration() const { return std::chrono::milliseconds(number); }
};

// kUsage with the declaration's name and what would be right. The text of a secret is not repeated.
Result<OptionValue> ParseOptionValue(const OptionDeclaration& declaration, std::string_view text);
// The same for a list that comes as one already.
Result<OptionValue> ParseOptionList(const OptionDeclaration& declaration,
                                    std::vector<std::string> items);

// "one of append, truncate", "1 … 64", for help and reference; empty where anything goes.
std::string DescribeRange(const OptionDeclaration& declaration);

// A command line taken apart: `--name value`, `--name=value`, `--flag`, `--no-flag`; `--` ends the
// options. The texts are not yet checked against their declarations.
struct CommandLine {
  std::vector<std::string> positionals;
  std::vector<std::pair<const OptionDeclaration*, std::string>> options;  // in order
  bool help = false;
};

// kUsage for an unknown option, with the nearest known name. Takes the declarations whose places
// include the command line. The pointers in the result are into `declarations`.
Result<CommandLine> ParseCommandLine(std::span<const OptionDeclaration* const> declarations,
                                     std::span<const std::string> arguments);

// The option part of --help: one entry per declaration, wrapped to 80 columns.
std::string RenderOptionHelp(std::span<const OptionDeclaration* const> declarations);

}  // namespace starlift
