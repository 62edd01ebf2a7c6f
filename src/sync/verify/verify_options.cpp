#include "sync/verify/verify_options.h"

#include <array>

namespace starlift::sync {
namespace {

constexpr int64_t kMostShown = 10'000;

const std::array kOptions = {
    OptionDeclaration{.name = "sample",
                      .type = OptionType::kInteger,
                      .default_text = "100",
                      .placeholder = "PERCENT",
                      .help = "Compare only so much of each table's key ranges. Tables that are "
                              "compared as a whole always are.",
                      .minimum = 1,
                      .maximum = 100,
                      .places = kCommandLine},
    OptionDeclaration{.name = "repeat",
                      .type = OptionType::kInteger,
                      .placeholder = "SECONDS",
                      .help = "Verify again and again, with so many seconds between.",
                      .places = kCommandLine},
    OptionDeclaration{.name = "counts",
                      .type = OptionType::kFlag,
                      .help = "Only compare how many rows there are: cheap, and blind to values.",
                      .places = kCommandLine},
    OptionDeclaration{.name = "fix",
                      .type = OptionType::kFlag,
                      .help = "Correct the rows that differ, keep a record of them before and "
                              "after, and verify again.",
                      .places = kCommandLine},
    OptionDeclaration{.name = "checksum",
                      .type = OptionType::kChoice,
                      .default_text = "auto",
                      .placeholder = "HOW",
                      .help = "What both databases compute over a range of rows. auto: crc32 where "
                              "the target has it, else md5. none: every row is read.",
                      .choices = {"auto", "crc32", "md5", "none"},
                      .places = kCommandLine},
    OptionDeclaration{.name = "settle",
                      .type = OptionType::kDuration,
                      .default_text = "0",
                      .placeholder = "TIME",
                      .help = "How long a difference must stay to count, where something else than "
                              "a running task of ours follows the source's changes.",
                      .places = kCommandLine},
    OptionDeclaration{.name = "shown",
                      .type = OptionType::kInteger,
                      .default_text = "20",
                      .placeholder = "N",
                      .help = "Differences that reports show of each table.",
                      .maximum = kMostShown,
                      .places = kCommandLine},
    OptionDeclaration{.name = "report",
                      .placeholder = "FILE",
                      .help = "Also write the report to this file: .json, or .html to send around.",
                      .places = kCommandLine},
};

Status Apply(std::string_view name, const OptionValue& value, VerifyOptions& options) {
  constexpr double kWhole = 100;
  if (name == "sample") options.sample = static_cast<double>(value.number) / kWhole;
  if (name == "repeat") options.repeat = std::chrono::seconds(value.number);
  if (name == "counts") options.counts = value.flag();
  if (name == "fix") options.fix = value.flag();
  if (name == "settle") options.settle = value.duration();
  if (name == "shown") options.shown = static_cast<uint64_t>(value.number);
  if (name == "checksum") {
    options.checksum = value.text == "crc32"  ? ChecksumUse::kCrc32
                       : value.text == "md5"  ? ChecksumUse::kMd5
                       : value.text == "none" ? ChecksumUse::kNone
                                              : ChecksumUse::kAuto;
  }
  if (name == "report") {
    if (!value.text.ends_with(".json") && !value.text.ends_with(".html")) {
      return Error{ErrorKind::kUsage, "a report is a .json or a .html file", "--report",
                   "end the file's name so"};
    }
    options.report = value.text;
  }
  return {};
}

}  // namespace

std::span<const OptionDeclaration> VerifyOptionList() { return kOptions; }

Result<VerifyOptions> ReadVerifyOptions(const CommandLine& line) {
  VerifyOptions options;
  for (const auto& [declaration, text] : line.options) {
    if (declaration < kOptions.data() || declaration >= kOptions.data() + kOptions.size()) continue;
    SL_ASSIGN(const OptionValue value, ParseOptionValue(*declaration, text));
    SL_TRY(Apply(declaration->name, value, options));
  }
  if (options.counts && options.fix) {
    return Error{ErrorKind::kUsage, "--fix has to know the rows: it can't go with --counts", "",
                 "leave one of them out"};
  }
  return options;
}

}  // namespace starlift::sync
