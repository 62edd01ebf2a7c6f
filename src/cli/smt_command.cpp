#include <array>
#include <cerrno>  // program_invocation_name
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <optional>

#include <fmt/format.h>

#include "base/option.h"
#include "cli/command.h"
#include "smt/run.h"

namespace starlift::cli {
namespace {

const std::array kOptions = {
    OptionDeclaration{.name = "config",
                      .placeholder = "FILE",
                      .help = "The configuration; also -c FILE. By default conf/config_prod.conf "
                              "beside the program, else in the working directory."},
    OptionDeclaration{.name = "output",
                      .placeholder = "DIR",
                      .help = "Where the files go, instead of what output_dir says."},
    OptionDeclaration{.name = "compat",
                      .type = OptionType::kFlag,
                      .help = "Write what the original tool writes, even where that loses data or "
                              "doesn't run; docs/reference/smt-differences.md lists it."},
    OptionDeclaration{.name = "dry-run",
                      .type = OptionType::kFlag,
                      .help = "Say what would be made; write nothing."},
    OptionDeclaration{.name = "explain",
                      .type = OptionType::kFlag,
                      .help = "Print a table of every column: its type at the source, in StarRocks "
                              "and in Flink, and what is lost. Writes nothing."},
    OptionDeclaration{.name = "print-config",
                      .type = OptionType::kFlag,
                      .help = "Print the configuration as it is understood, without passwords."},
    OptionDeclaration{.name = "apply",
                      .type = OptionType::kFlag,
                      .help = "Make the tables at the StarRocks that flink.starrocks.* name, too. "
                              "Tables that are there are compared and left as they are."},
    OptionDeclaration{.name = "merge",
                      .type = OptionType::kChoice,
                      .placeholder = "WHICH",
                      .help = "Which tables of one rule and one shape become one: those whose "
                              "names differ by a number at the end (the default), all that look "
                              "alike (the default of --compat), or none.",
                      .choices = {"numbered", "alike", "never"}},
    OptionDeclaration{.name = "shard-names-with-database",
                      .type = OptionType::kFlag,
                      .help = "Name merged tables database__table, as the original does, and not "
                              "as its documents say."},
    OptionDeclaration{.name = "flink-cdc",
                      .default_text = "3.3",
                      .placeholder = "VERSION",
                      .help = "The version of Flink CDC that the files for Flink are for."},
    OptionDeclaration{.name = "statement-set",
                      .type = OptionType::kFlag,
                      .help = "Also write flink-statement-set files: all tables of a rule in one "
                              "Flink job instead of one job each."},
    OptionDeclaration{.name = "external-catalog",
                      .type = OptionType::kFlag,
                      .help = "Write CREATE EXTERNAL CATALOG instead of external tables, which "
                              "StarRocks calls deprecated."},
};

// The original's logging library has flags that scripts may give; they mean nothing here.
constexpr std::array<std::string_view, 2> kIgnoredFlags = {"logtostderr", "alsologtostderr"};
constexpr std::array<std::string_view, 5> kIgnoredValues = {"v", "stderrthreshold", "log_dir",
                                                            "vmodule", "log_backtrace_at"};

template <typename Names>
bool Holds(const Names& names, std::string_view name) {
  for (const std::string_view each : names) {
    if (each == name) return true;
  }
  return false;
}

// The original's way of writing flags (-c FILE, -c=FILE, -v 2) in ours.
Arguments FromOriginalFlags(const Arguments& arguments) {
  Arguments ours;
  for (size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    const size_t dashes = argument.find_first_not_of('-');
    const bool flag = dashes == 1 || dashes == 2;
    const size_t equals = argument.find('=');
    const std::string name = flag ? argument.substr(dashes, equals - dashes) : std::string();
    const bool has_value = equals != std::string::npos;
    if (name == "c") {
      ours.push_back(has_value ? "--config=" + argument.substr(equals + 1) : "--config");
    } else if (Holds(kIgnoredValues, name)) {
      if (!has_value) ++i;
    } else if (!Holds(kIgnoredFlags, name)) {
      ours.push_back(argument);
    }
  }
  return ours;
}

Result<smt::FlinkCdcVersion> ReadVersion(const std::string& text) {
  smt::FlinkCdcVersion version{.major = 0, .minor = 0};
  const char* const end = text.data() + text.size();
  const auto [dot, error] = std::from_chars(text.data(), end, version.major);
  if (error == std::errc() && dot != end && *dot == '.') {
    std::from_chars(dot + 1, end, version.minor);
  }
  if (error != std::errc() || version.major < 1) {
    return Error{ErrorKind::kUsage, fmt::format("--flink-cdc {} is no version", text), "",
                 "write it as 3.2"};
  }
  return version;
}

Status Set(std::string_view name, const OptionValue& value, smt::RunOptions& options) {
  // The original takes what stands before the first comma.
  if (name == "config") options.config_path = value.text.substr(0, value.text.find(','));
  if (name == "output") options.output_path = value.text;
  if (name == "compat" && value.flag()) options.files.form = smt::Form::kCompat;
  if (name == "dry-run") options.dry_run = value.flag();
  if (name == "explain") options.explain = value.flag();
  if (name == "print-config") options.print_config = value.flag();
  if (name == "apply") options.apply = value.flag();
  if (name == "shard-names-with-database") options.shard_names_with_database = value.flag();
  if (name == "statement-set") options.files.statement_set = value.flag();
  if (name == "external-catalog") options.files.external_catalog = value.flag();
  if (name == "flink-cdc") {
    SL_ASSIGN(options.files.flink_cdc, ReadVersion(value.text));
  }
  return {};
}

smt::MergeRule MergeRuleOf(const std::string& text, smt::Form form) {
  if (text == "alike") return smt::MergeRule::kAlike;
  if (text == "never") return smt::MergeRule::kNever;
  if (text == "numbered") return smt::MergeRule::kNumbered;
  return form == smt::Form::kCompat ? smt::MergeRule::kAlike : smt::MergeRule::kNumbered;
}

Result<smt::RunOptions> ReadOptions(const CommandLine& line) {
  smt::RunOptions options;
  std::string merge;
  for (const auto& [declaration, text] : line.options) {
    SL_ASSIGN(const OptionValue value, ParseOptionValue(*declaration, text));
    if (declaration->name == "merge") merge = value.text;
    SL_TRY(Set(declaration->name, value, options));
  }
  if (!line.positionals.empty()) {
    return Error{ErrorKind::kUsage,
                 fmt::format("smt takes no argument '{}'", line.positionals.front()), "",
                 "name the configuration with -c FILE"};
  }
  options.merge = MergeRuleOf(merge, options.files.form);
  const char* const path = std::getenv("PATH");
  options.places = smt::Places::Of(program_invocation_name, path ? path : "");
  return options;
}

}  // namespace

int RunSmtCommand(const Arguments& arguments, StopSignal& stop) {
  std::vector<const OptionDeclaration*> declarations;
  for (const OptionDeclaration& option : kOptions) declarations.push_back(&option);
  Result<CommandLine> line = ParseCommandLine(declarations, FromOriginalFlags(arguments));
  if (!line.ok()) return ReportError(line.error(), stop);
  if (line->help) {
    fmt::print(
        "usage: starlift smt [-c conf/config_prod.conf] [OPTIONS]\n"
        "       starrocks-migrate-tool [-c conf/config_prod.conf] [OPTIONS]\n\n"
        "Reads a source's tables and writes the statements that make them in StarRocks, and\n"
        "those of the Flink jobs that fill them, from the configuration of the StarRocks\n"
        "Migration Tool.\n\n{}",
        RenderOptionHelp(declarations));
    return kExitDone;
  }
  Result<smt::RunOptions> options = ReadOptions(*line);
  if (!options.ok()) return ReportError(options.error(), stop);
  const Status done = smt::Run(*options);
  return done.ok() ? kExitDone : ReportError(done.error(), stop);
}

}  // namespace starlift::cli
