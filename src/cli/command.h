#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "cli/stop_signal.h"

namespace starlift::cli {

// What follows the subcommand's name on the command line.
using Arguments = std::vector<std::string>;

// A subcommand: parses its arguments, calls the room that does the work, returns the process exit
// code. No logic of its own. `stop` carries Ctrl-C and SIGTERM.
using CommandFunction = int (*)(const Arguments& arguments, StopSignal& stop);

struct Command {
  std::string_view name;
  std::string_view summary;  // one line for `starlift --help`
  CommandFunction run;
  bool listed = true;
};

// The exit codes that do not come from an Error (docs/reference/exit-codes.md).
inline constexpr int kExitDone = 0;
inline constexpr int kExitUsage = 2;

// Prints the error to stderr as the user shall see it and returns its exit code; for a cancelled
// task the code of the signal that asked for it.
int ReportError(const Error& error, const StopSignal& stop);

int RunSyncCommand(const Arguments& arguments, StopSignal& stop);
int RunCheckCommand(const Arguments& arguments, StopSignal& stop);
int RunVerifyCommand(const Arguments& arguments, StopSignal& stop);
int RunSandboxCommand(const Arguments& arguments, StopSignal& stop);
int RunStatusCommand(const Arguments& arguments, StopSignal& stop);
int RunPauseCommand(const Arguments& arguments, StopSignal& stop);
int RunResumeCommand(const Arguments& arguments, StopSignal& stop);
int RunRestartFromCommand(const Arguments& arguments, StopSignal& stop);
int RunAddTableCommand(const Arguments& arguments, StopSignal& stop);
int RunDropTableCommand(const Arguments& arguments, StopSignal& stop);
int RunSkipCommand(const Arguments& arguments, StopSignal& stop);
int RunSmtCommand(const Arguments& arguments, StopSignal& stop);
int RunVersionCommand(const Arguments& arguments, StopSignal& stop);

}  // namespace starlift::cli
