#include "cli/task_command.h"

#include <array>
#include <cstdio>

#include <fmt/format.h>
#include <malloc.h>

#include "base/log.h"
#include "base/option.h"
#include "sync/config/options_reference.h"
#include "sync/config/substitution.h"
#include "sync/config/task_arguments.h"

namespace starlift::cli {
namespace {

// Options of the program rather than of a task.
const std::array kProgramOptions = {
    OptionDeclaration{.name = "log-level",
                      .type = OptionType::kChoice,
                      .default_text = "info",
                      .placeholder = "LEVEL",
                      .help = "What is logged to stderr.",
                      .choices = {"debug", "info", "warning", "error"},
                      .places = kCommandLine | kEnvironment},
    OptionDeclaration{.name = "log-format",
                      .type = OptionType::kChoice,
                      .default_text = "text",
                      .placeholder = "FORMAT",
                      .help = "How: lines of text, or one JSON object a line.",
                      .choices = {"text", "json"},
                      .places = kCommandLine | kEnvironment},
    OptionDeclaration{.name = "print-schema",
                      .type = OptionType::kFlag,
                      .help = "Print the JSON Schema of task files and end.",
                      .places = kCommandLine},
    OptionDeclaration{.name = "print-options",
                      .type = OptionType::kFlag,
                      .help = "Print the reference of all options as Markdown and end.",
                      .places = kCommandLine},
};

// Rows are on their way in buffers that one thread fills and another frees. Left to itself, glibc
// keeps many times what is in use for each thread's next ones: 1 GB seen in one large transaction.
void ReturnFreedBuffers() {
  constexpr int kMappedFromBytes = 256 << 10;
  constexpr int kArenas = 2;
  mallopt(M_MMAP_THRESHOLD, kMappedFromBytes);
  mallopt(M_ARENA_MAX, kArenas);
}

struct ProgramOptions {
  LogLevel log_level = LogLevel::kInfo;
  LogFormat log_format = LogFormat::kText;
  bool print_schema = false;
  bool print_options = false;
};

Status ApplyProgramOption(const OptionDeclaration& declaration, const std::string& text,
                          ProgramOptions& options) {
  SL_ASSIGN(const OptionValue value, ParseOptionValue(declaration, text));
  if (declaration.name == "log-level") {
    options.log_level = value.text == "debug"     ? LogLevel::kDebug
                        : value.text == "warning" ? LogLevel::kWarning
                        : value.text == "error"   ? LogLevel::kError
                                                  : LogLevel::kInfo;
  } else if (declaration.name == "log-format") {
    options.log_format = value.text == "json" ? LogFormat::kJson : LogFormat::kText;
  } else if (declaration.name == "print-schema") {
    options.print_schema = value.flag();
  } else if (declaration.name == "print-options") {
    options.print_options = value.flag();
  }
  return {};
}

Result<ProgramOptions> ReadProgramOptions(const CommandLine& line) {
  ProgramOptions options;
  for (const OptionDeclaration& declaration : kProgramOptions) {
    if ((declaration.places & kEnvironment) == 0) continue;
    if (const auto text = sync::ProcessEnvironment(declaration.environment_name())) {
      SL_TRY(ApplyProgramOption(declaration, *text, options));
    }
  }
  for (const auto& [declaration, text] : line.options) {
    SL_TRY(ApplyProgramOption(*declaration, text, options));
  }
  return options;
}

void PrintHelp(const TaskCommand& command,
               const std::vector<const OptionDeclaration*>& declarations) {
  fmt::print("{}\n\noptions:\n{}", command.usage, RenderOptionHelp(declarations));
  fmt::print(
      "\nEvery option can also be given as an environment variable, STARLIFT_ and its name, and "
      "most\nin the task file: --print-options lists them with their places.\n");
}

}  // namespace

int RunTaskCommand(const TaskCommand& command, const Arguments& arguments, StopSignal& stop) {
  auto declarations = sync::TaskFlags(kProgramOptions);
  for (const OptionDeclaration& own : command.options) declarations.push_back(&own);
  const auto line = ParseCommandLine(declarations, arguments);
  if (!line.ok()) return ReportError(line.error(), stop);
  if (line->help) {
    PrintHelp(command, declarations);
    return kExitDone;
  }
  const auto options = ReadProgramOptions(*line);
  if (!options.ok()) return ReportError(options.error(), stop);
  ConfigureLog(options->log_level, options->log_format);
  if (options->print_schema || options->print_options) {
    const std::string text =
        options->print_schema ? sync::RenderTaskSchema() : sync::RenderOptionsReference();
    std::fwrite(text.data(), 1, text.size(), stdout);
    return kExitDone;
  }
  ReturnFreedBuffers();
  const auto config = sync::BuildTaskConfig(*line, sync::ProcessEnvironment);
  if (!config.ok()) return ReportError(config.error(), stop);
  const auto exit_code = command.run_with_line != nullptr
                             ? command.run_with_line(*config, *line, stop.cancellation())
                             : command.run(*config, stop.cancellation());
  if (!exit_code.ok()) return ReportError(exit_code.error(), stop);
  return *exit_code;
}

}  // namespace starlift::cli
