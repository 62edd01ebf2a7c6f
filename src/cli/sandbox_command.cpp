#include <cstdio>

#include <fmt/format.h>

#include "cli/command.h"

namespace starlift::cli {

int RunSandboxCommand(const Arguments&, StopSignal&) {
  fmt::print(stderr, "starlift: this build has no sandbox\n");
  return kExitUsage;
}

}  // namespace starlift::cli
