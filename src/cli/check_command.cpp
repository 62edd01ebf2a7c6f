#include "cli/task_command.h"
#include "sync/console.h"

namespace starlift::cli {

int RunCheckCommand(const Arguments& arguments, StopSignal& stop) {
  return RunTaskCommand(
      {"check",
       "usage: starlift check SOURCE_URL TARGET_URL [options]\n"
       "       starlift check TASK.yaml [options]\n\n"
       "Looks whether `starlift sync` with the same arguments could run, and says for each thing\n"
       "that is not as it must be what mends it. Changes nothing.\n\n"
       "exit codes: 0 ready, 2 usage or config, 3 not ready, 5 source or target unreachable",
       sync::CheckOnConsole},
      arguments, stop);
}

}  // namespace starlift::cli
