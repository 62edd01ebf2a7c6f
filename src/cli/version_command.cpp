#include <fmt/format.h>

#include "cli/command.h"

namespace starlift::cli {

int RunVersionCommand(const Arguments&, StopSignal&) {
  fmt::print("starlift {}\n", STARLIFT_VERSION);
  return kExitDone;
}

}  // namespace starlift::cli
