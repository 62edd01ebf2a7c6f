#include <algorithm>
#include <array>
#include <cstdio>
#include <string_view>

#include <fmt/format.h>

#include "base/nearest.h"
#include "cli/argument_wipe.h"
#include "cli/command.h"

namespace starlift::cli {
namespace {

constexpr std::array kCommands = {
    Command{"sync", "create tables in StarRocks and load all rows of a database", RunSyncCommand},
    Command{"check", "say whether sync could run, and what mends what is in its way",
            RunCheckCommand},
    Command{"verify", "say whether source and target are equal, and correct what is not",
            RunVerifyCommand},
    Command{"status", "show phase, progress, position and lag of a task", RunStatusCommand},
    Command{"pause", "let a running task wait", RunPauseCommand},
    Command{"resume", "let a paused task go on", RunResumeCommand},
    Command{"restart-from", "follow the log from another position or time", RunRestartFromCommand},
    Command{"add-table", "take tables into a task that follows changes", RunAddTableCommand},
    Command{"drop-table", "take tables out of a task", RunDropTableCommand},
    Command{"skip", "let a task go on that stopped at a change it can't apply", RunSkipCommand},
    Command{"smt", "config_prod.conf in, the SQL of StarRocks and Flink tables out", RunSmtCommand},
    Command{"sandbox", "run a StarRocks-compatible endpoint to try and test against",
            RunSandboxCommand},
    Command{"version", "print the version", RunVersionCommand},
};

void PrintHelp(std::FILE* out) {
  fmt::print(out,
             "Starlift moves other databases' data into StarRocks.\n\n"
             "usage: starlift COMMAND [ARGUMENTS]\n\ncommands:\n");
  for (const Command& command : kCommands) {
    if (command.listed) fmt::print(out, "  {:<12} {}\n", command.name, command.summary);
  }
  fmt::print(out, "\n`starlift COMMAND --help` says what a command takes.\n");
}

int Dispatch(const Arguments& arguments, StopSignal& stop) {
  if (arguments.empty()) {
    PrintHelp(stderr);
    return kExitUsage;
  }
  const std::string& name = arguments.front();
  if (name == "--help" || name == "-h" || name == "help") {
    PrintHelp(stdout);
    return kExitDone;
  }
  const std::string_view wanted = name == "--version" ? "version" : std::string_view(name);
  const auto command = std::find_if(kCommands.begin(), kCommands.end(),
                                    [&](const Command& each) { return each.name == wanted; });
  if (command == kCommands.end()) {
    std::vector<std::string_view> names;
    for (const Command& each : kCommands) {
      if (each.listed) names.push_back(each.name);
    }
    const auto nearest = NearestName(wanted, names);
    fmt::print(
        stderr, "starlift: there is no command '{}'{}\n", wanted,
        nearest ? fmt::format("; did you mean '{}'?", *nearest) : "; `starlift --help` lists them");
    return kExitUsage;
  }
  return command->run(Arguments(arguments.begin() + 1, arguments.end()), stop);
}

}  // namespace

// By the names of the tools that it takes the place of, the program is that tool.
CommandFunction CommandOfName(std::string_view program) {
  const std::string_view name = program.substr(program.rfind('/') + 1);
  const bool smt = name == "starrocks-migrate-tool" || name == "starrocks-migration-tool";
  return smt ? RunSmtCommand : nullptr;
}

int Main(int argc, char** argv) {
  const Arguments arguments(argv + 1, argv + argc);
  WipePasswords(argc, argv);
  StopSignal stop;
  if (const CommandFunction command = CommandOfName(argv[0])) return command(arguments, stop);
  return Dispatch(arguments, stop);
}

}  // namespace starlift::cli

int main(int argc, char** argv) { return starlift::cli::Main(argc, argv); }
