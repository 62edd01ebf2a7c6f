#include <algorithm>
#include <cstdio>

#include <fmt/format.h>

#include "base/option.h"
#include "cli/command.h"
#include "sync/config/task_arguments.h"
#include "sync/control/control_socket.h"
#include "sync/control/table_request.h"
#include "sync/run/stopped_task.h"

namespace starlift::cli {
namespace {

struct TableCommand {
  std::string_view name;
  std::string_view help;
  Result<std::string> (*stopped)(const std::string& home, const std::string& identity,
                                 const sync::TableRequest& request);
};

void PrintHelp(const TableCommand& command,
               const std::vector<const OptionDeclaration*>& declarations) {
  fmt::print(
      "usage: starlift {0} TASK DATABASE.TABLE… [options]\n\n{1}\n\n"
      "TASK is the task's name, its file, or its two URLs, with the --home that it runs with.\n\n"
      "exit codes: 0 done, 2 usage, 3 no such task, or the tables can't be taken\n\noptions:\n{2}",
      command.name, command.help, RenderOptionHelp(declarations));
}

// What follows the task on the command line.
Result<sync::TableRequest> TakeRequest(const TableCommand& command, CommandLine& line) {
  const bool by_urls =
      !line.positionals.empty() && line.positionals[0].find("://") != std::string::npos;
  const size_t of_task = by_urls ? 2 : 1;
  if (line.positionals.size() <= of_task) {
    return Error{ErrorKind::kUsage, "no table is named", "",
                 fmt::format("starlift {} TASK DATABASE.TABLE…", command.name)};
  }
  sync::TableRequest request;
  const auto first = line.positionals.begin() + static_cast<std::ptrdiff_t>(of_task);
  request.names.assign(first, line.positionals.end());
  line.positionals.erase(first, line.positionals.end());
  for (const auto& [declaration, text] : line.options) {
    if (declaration->name == "existing") request.existing = text;
  }
  return request;
}

Result<std::string> Run(const TableCommand& command, CommandLine line) {
  SL_ASSIGN(const sync::TableRequest request, TakeRequest(command, line));
  SL_ASSIGN(const sync::TaskReference task,
            sync::BuildTaskReference(line, sync::ProcessEnvironment));
  auto answer =
      sync::SendCommand(task.home, task.identity, command.name, sync::PrintTableRequest(request));
  if (!answer.ok() && answer.error().kind == ErrorKind::kNotFound) {
    answer = command.stopped(task.home, task.identity, request);
  }
  return answer;
}

int RunTableCommand(const TableCommand& command, const Arguments& arguments,
                    const StopSignal& stop) {
  const auto declarations = sync::TaskFlags({});
  auto line = ParseCommandLine(declarations, arguments);
  if (!line.ok()) return ReportError(line.error(), stop);
  if (line->help) {
    PrintHelp(command, declarations);
    return kExitDone;
  }
  const auto answer = Run(command, *std::move(line));
  if (!answer.ok()) return ReportError(answer.error(), stop);
  fmt::print("{}\n", *answer);
  return kExitDone;
}

}  // namespace

int RunAddTableCommand(const Arguments& arguments, StopSignal& stop) {
  return RunTableCommand(
      {"add-table",
       "Takes tables into a task that follows changes: their structure, their rows, and their\n"
       "changes from then on, while the others go on. --existing says what becomes of rows that\n"
       "are at the target.",
       sync::AddTablesOfStoppedTask},
      arguments, stop);
}

int RunDropTableCommand(const Arguments& arguments, StopSignal& stop) {
  return RunTableCommand(
      {"drop-table",
       "Takes tables out of a task that follows changes. Their tables at the target stay as they\n"
       "are. To add one again begins anew.",
       sync::DropTablesOfStoppedTask},
      arguments, stop);
}

}  // namespace starlift::cli
