#include <array>
#include <cstdio>
#include <optional>

#include <fmt/format.h>

#include "base/option.h"
#include "cli/command.h"
#include "sync/config/task_arguments.h"
#include "sync/control/control_socket.h"
#include "sync/control/stored_status.h"

namespace starlift::cli {
namespace {

struct ControlCommand {
  std::string_view name;
  std::string_view argument;  // what follows the task; empty: nothing
  std::string_view help;
};

const std::array kStatusOptions = {
    OptionDeclaration{.name = "json",
                      .type = OptionType::kFlag,
                      .help = "One line of JSON instead of a table.",
                      .places = kCommandLine},
};

void PrintHelp(const ControlCommand& command,
               const std::vector<const OptionDeclaration*>& declarations) {
  fmt::print(
      "usage: starlift {0} TASK{1}\n\n{2}\n\n"
      "TASK is the task's name, its file, or its two URLs, with the --home that it runs with.\n\n"
      "exit codes: 0 done, 2 usage, 3 no such task or not possible now\n\noptions:\n{3}",
      command.name, command.argument.empty() ? "" : fmt::format(" {}", command.argument),
      command.help, RenderOptionHelp(declarations));
}

// The command's own argument is the last one.
Result<std::string> TakeArgument(const ControlCommand& command, CommandLine& line) {
  if (command.argument.empty()) return std::string();
  if (line.positionals.size() < 2) {
    return Error{ErrorKind::kUsage, fmt::format("{} is missing", command.argument), "",
                 fmt::format("starlift {} TASK {}", command.name, command.argument)};
  }
  std::string argument = std::move(line.positionals.back());
  line.positionals.pop_back();
  return argument;
}

bool HasFlag(const CommandLine& line, std::string_view name) {
  for (const auto& [declaration, text] : line.options) {
    if (declaration->name == name) return text != "false";
  }
  return false;
}

Result<std::string> ReadStatus(const sync::TaskReference& task, bool json) {
  auto running = sync::SendCommand(task.home, task.identity, "status", "");
  if (!running.ok() && running.error().kind != ErrorKind::kNotFound) {
    return std::move(running).error();
  }
  SL_ASSIGN(const sync::TaskStatus status, running.ok()
                                               ? sync::ParseStatusJson(*running)
                                               : sync::ReadStoredStatus(task.home, task.identity));
  return json ? sync::RenderStatusJson(status) + '\n' : sync::RenderStatus(status);
}

Result<std::string> Run(const ControlCommand& command, CommandLine line) {
  SL_ASSIGN(const std::string argument, TakeArgument(command, line));
  SL_ASSIGN(const sync::TaskReference task,
            sync::BuildTaskReference(line, sync::ProcessEnvironment));
  if (command.name == "status") return ReadStatus(task, HasFlag(line, "json"));
  SL_ASSIGN(const std::string answer,
            sync::SendCommand(task.home, task.identity, command.name, argument));
  return answer + '\n';
}

int RunControlCommand(const ControlCommand& command, const Arguments& arguments,
                      const StopSignal& stop) {
  const auto own = command.name == "status" ? std::span<const OptionDeclaration>(kStatusOptions)
                                            : std::span<const OptionDeclaration>();
  const auto declarations = sync::TaskFlags(own);
  auto line = ParseCommandLine(declarations, arguments);
  if (!line.ok()) return ReportError(line.error(), stop);
  if (line->help) {
    PrintHelp(command, declarations);
    return kExitDone;
  }
  const auto answer = Run(command, *std::move(line));
  if (!answer.ok()) return ReportError(answer.error(), stop);
  std::fwrite(answer->data(), 1, answer->size(), stdout);
  return kExitDone;
}

}  // namespace

int RunStatusCommand(const Arguments& arguments, StopSignal& stop) {
  return RunControlCommand({"status", "",
                            "Shows phase, progress, position, lag and dead letters of a task, "
                            "whether it runs or not."},
                           arguments, stop);
}

int RunPauseCommand(const Arguments& arguments, StopSignal& stop) {
  return RunControlCommand({"pause", "",
                            "Finishes the loads in flight, saves the position and waits. The "
                            "process goes on running."},
                           arguments, stop);
}

int RunResumeCommand(const Arguments& arguments, StopSignal& stop) {
  return RunControlCommand({"resume", "", "Goes on after a pause."}, arguments, stop);
}

int RunRestartFromCommand(const Arguments& arguments, StopSignal& stop) {
  return RunControlCommand(
      {"restart-from", "POSITION|TIME",
       "Follows the log from another place: a position as `status` shows it, or a time such as\n"
       "2026-11-21T10:00:00Z. Rows with a key may be applied again, which does no harm."},
      arguments, stop);
}

}  // namespace starlift::cli
