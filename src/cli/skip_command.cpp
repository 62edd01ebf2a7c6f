#include <cstdio>

#include <fmt/format.h>

#include "base/option.h"
#include "cli/command.h"
#include "sync/config/task_arguments.h"
#include "sync/control/control_socket.h"
#include "sync/control/skips.h"

namespace starlift::cli {
namespace {

void PrintHelp(const std::vector<const OptionDeclaration*>& declarations) {
  fmt::print(
      "usage: starlift skip TASK N\n\n"
      "Lets a task that stopped at a change that can't be applied go on: of the changes to come\n"
      "that the target can't take, or that a policy stops at, the next N are left out and written\n"
      "to the dead letters. Nothing else is left out. N takes the place of an earlier one; 0 "
      "takes\n"
      "it back. A task that doesn't run is to be started again afterwards.\n\n"
      "TASK is the task's name, its file, or its two URLs, with the --home that it runs with.\n\n"
      "exit codes: 0 done, 2 usage, 3 no such task or not possible now\n\noptions:\n{}",
      RenderOptionHelp(declarations));
}

Result<std::string> Skip(CommandLine line) {
  if (line.positionals.size() < 2) {
    return Error{ErrorKind::kUsage, "N is missing", "", "starlift skip TASK N"};
  }
  const std::string count = std::move(line.positionals.back());
  line.positionals.pop_back();
  SL_ASSIGN(const uint64_t skips, sync::ParseSkips(count));
  SL_ASSIGN(const sync::TaskReference task,
            sync::BuildTaskReference(line, sync::ProcessEnvironment));
  auto running = sync::SendCommand(task.home, task.identity, "skip", count);
  if (running.ok() || running.error().kind != ErrorKind::kNotFound) return running;
  SL_TRY(sync::StoreSkips(task.home, task.identity, skips));
  return sync::DescribeSkips(skips) + ", once it runs again";
}

}  // namespace

int RunSkipCommand(const Arguments& arguments, StopSignal& stop) {
  const auto declarations = sync::TaskFlags({});
  auto line = ParseCommandLine(declarations, arguments);
  if (!line.ok()) return ReportError(line.error(), stop);
  if (line->help) {
    PrintHelp(declarations);
    return kExitDone;
  }
  const auto answer = Skip(*std::move(line));
  if (!answer.ok()) return ReportError(answer.error(), stop);
  fmt::print("{}\n", *answer);
  return kExitDone;
}

}  // namespace starlift::cli
