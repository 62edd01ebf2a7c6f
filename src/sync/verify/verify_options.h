#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "base/option.h"
#include "base/result.h"

namespace starlift::sync {

enum class ChecksumUse {
  kAuto,  // CRC-32 where the target has it, else MD5
  kCrc32,
  kMd5,
  kNone,  // every row is read
};

// What `starlift verify` was told beyond the task itself. Plain data.
struct VerifyOptions {
  double sample = 1.0;  // share of the key ranges
  std::optional<std::chrono::seconds> repeat;
  bool counts = false;
  bool fix = false;
  ChecksumUse checksum = ChecksumUse::kAuto;
  // How long a difference must stay to count.
  std::chrono::milliseconds settle{0};
  uint64_t shown = 20;  // differences per table, in reports
  std::string report;   // file; ".json" or ".html"
};

std::span<const OptionDeclaration> VerifyOptionList();

// Takes its own options out of a command line that may hold others. kUsage for impossible values.
Result<VerifyOptions> ReadVerifyOptions(const CommandLine& line);

}  // namespace starlift::sync
