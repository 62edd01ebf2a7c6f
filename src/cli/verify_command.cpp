#include "cli/task_command.h"
#include "sync/verify/verify_console.h"
#include "sync/verify/verify_options.h"

namespace starlift::cli {
namespace {

Result<int> RunVerify(const sync::TaskConfig& config, const CommandLine& line,
                      const Cancellation& cancellation) {
  SL_ASSIGN(const sync::VerifyOptions options, sync::ReadVerifyOptions(line));
  return sync::VerifyOnConsole(config, options, cancellation);
}

}  // namespace

int RunVerifyCommand(const Arguments& arguments, StopSignal& stop) {
  return RunTaskCommand(
      {.name = "verify",
       .usage = "usage: starlift verify SOURCE_URL TARGET_URL [options]\n"
                "       starlift verify TASK.yaml [options]\n\n"
                "Says whether StarRocks holds exactly what `starlift sync` with the same arguments "
                "brings\n"
                "there: every row and every value, or which of them are missing, different or too "
                "many.\n"
                "With --fix it corrects these, and verifies again.\n\n"
                "  starlift verify task.yaml --report report.html\n\n"
                "exit codes: 0 equal, 1 different, 2 usage or config, 3 a check failed,\n"
                "5 source or target unreachable, 130/143 stopped by Ctrl-C/SIGTERM",
       .options = sync::VerifyOptionList(),
       .run_with_line = RunVerify},
      arguments, stop);
}

}  // namespace starlift::cli
