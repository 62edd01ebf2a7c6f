#include "cli/task_command.h"
#include "sync/console.h"

namespace starlift::cli {

int RunSyncCommand(const Arguments& arguments, StopSignal& stop) {
  return RunTaskCommand(
      {"sync",
       "usage: starlift sync SOURCE_URL TARGET_URL [options]\n"
       "       starlift sync TASK.yaml [options]\n\n"
       "Creates the source's tables in StarRocks and loads all their rows. A run that was stopped\n"
       "or killed goes on where it was when it is started again.\n\n"
       "  starlift sync mysql://user:password@db:3306/shop \\\n"
       "    'starrocks://root:password@fe:9030/shop?http_port=8030' --tables 'orders.*'\n\n"
       "exit codes: 0 done, 1 done with rows in dead letters, 2 usage or config, 3 a check "
       "failed,\n"
       "4 stopped by a policy, 5 source or target unreachable, 130/143 stopped by Ctrl-C/SIGTERM",
       sync::SyncOnConsole},
      arguments, stop);
}

}  // namespace starlift::cli
