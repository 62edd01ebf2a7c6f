#include <cstdio>

#include <fmt/format.h>

#include "cli/command.h"

namespace starlift::cli {

int ReportError(const Error& error, const StopSignal& stop) {
  if (error.kind == ErrorKind::kCancelled && stop.exit_code() != 0) {
    fmt::print(stderr, "starlift: stopped. Run the same command again to go on.\n");
    return stop.exit_code();
  }
  fmt::print(stderr, "starlift: {}\n", error.ToString());
  return ExitCodeFor(error.kind);
}

}  // namespace starlift::cli
