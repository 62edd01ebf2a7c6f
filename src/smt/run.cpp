#include "smt/run.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "smt/apply.h"
#include "smt/config/config_reader.h"
#include "smt/dialect.h"
#include "smt/output_folder.h"
#include "smt/plan/planner.h"
#include "smt/print/explain.h"
#include "smt/source_reading.h"

namespace starlift::smt {
namespace {

Error ConfigErrors(const std::vector<Error>& errors, const std::string& path) {
  if (errors.size() == 1) return errors.front();
  // A file of another kind is wrong in each of its lines.
  constexpr size_t kShown = 50;
  std::string message = fmt::format("{} errors in the configuration", errors.size());
  for (size_t i = 0; i < std::min(kShown, errors.size()); ++i) {
    const Error& error = errors[i];
    message += fmt::format("\n  {}: {}{}", error.where, error.message,
                           error.mend.empty() ? "" : "; " + error.mend);
  }
  if (errors.size() > kShown) message += fmt::format("\n  and {} more", errors.size() - kShown);
  return Error{.kind = ErrorKind::kUsage, .message = std::move(message), .where = path};
}

// Names and defaults may hold anything: no control characters on the terminal.
std::string OneLine(std::string_view text) {
  std::string line;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < ' ' || byte == 0x7f) {
      line += fmt::format("\\x{:02x}", byte);
    } else {
      line += c;
    }
  }
  return line;
}

// Unlike fmt::print it doesn't mind when nobody reads on, as with `| head`.
void Write(std::FILE* out, std::string_view text) { std::fwrite(text.data(), 1, text.size(), out); }

template <typename... Arguments>
void Say(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
  Write(stdout, fmt::format(format, std::forward<Arguments>(arguments)...));
}

constexpr size_t kNotesBesideErrors = 20;

class SmtRun {
 public:
  explicit SmtRun(const RunOptions& options) : options_(options), form_(options.files.form) {}

  Status Run() {
    SL_TRY(ReadConfiguration());
    if (options_.print_config) {
      Say("{}", PrintConfig(config_));
      PrintNotes();
      return {};
    }
    const Dialect& dialect = *FindDialect(config_.db.type);
    SL_ASSIGN(const SourceReading reading, ReadSource(config_, dialect));
    Say("{}: {} tables read\n", reading.description, reading.catalog.tables.size());
    SL_ASSIGN(
        const Plan plan,
        MakePlan(
            config_, dialect, reading.catalog, reading.facts,
            {.form = form_,
             .merge = options_.merge,
             .shard_names_with_database = options_.shard_names_with_database,
             .now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now())}));
    notes_.insert(notes_.end(), plan.notes.begin(), plan.notes.end());
    if (options_.explain) Say("{}", Explain(plan));
    if (options_.dry_run) PrintPlan(plan);
    if (!options_.explain && !options_.dry_run) SL_TRY(WriteAll(dialect, reading, plan));
    if (options_.apply) SL_TRY(Apply(plan));
    PrintNotes();
    return {};
  }

 private:
  Status ReadConfiguration() {
    const std::string path = options_.config_path.empty() ? options_.places.DefaultConfig().string()
                                                          : options_.config_path;
    SL_ASSIGN(const std::string text, ReadConfigFile(path));
    ConfigReading reading = ReadConfig(text, path, form_);
    notes_ = std::move(reading.notes);
    if (!reading.errors.empty()) {
      // A misspelt key is both: what is missing, and what has no effect.
      notes_.resize(std::min(notes_.size(), kNotesBesideErrors));
      PrintNotes();
      return ConfigErrors(reading.errors, path);
    }
    config_ = std::move(reading.config);
    return {};
  }

  Status WriteAll(const Dialect& dialect, const SourceReading& reading, const Plan& plan) {
    const std::filesystem::path path =
        options_.output_path.empty()
            ? options_.places.Output(config_.other.output_dir, config_.path, form_)
            : std::filesystem::path(options_.output_path);
    SL_ASSIGN(OutputFolder folder, OutputFolder::Open(path, form_));
    SL_TRY(WriteFiles(config_, dialect, reading.facts, plan, options_.files, folder, notes_));
    SL_TRY(folder.Commit(notes_));
    Say("Done writing to: {}\n", folder.path().string());
    return {};
  }

  static void PrintPlan(const Plan& plan) {
    for (const PlannedTable& table : plan.tables) {
      Say("would make `{}`.`{}` by [table-rule.{}]\n", table.database, table.name,
          table.rule->name);
    }
  }

  Status Apply(const Plan& plan) {
    SL_ASSIGN(const ApplyReport report, ApplyPlan(plan, form_, options_.dry_run));
    Say("{} {} tables; {} are there and fit, {} are there and differ\n",
        options_.dry_run ? "would make" : "made", report.made, report.fitting, report.differing);
    for (const std::string& line : report.lines) Say("differs: {}\n", OneLine(line));
    return {};
  }

  void PrintNotes() const {
    std::fflush(stdout);
    for (const std::string& note : notes_) Write(stderr, fmt::format("note: {}\n", OneLine(note)));
  }

  const RunOptions& options_;
  const Form form_;
  Config config_;
  std::vector<std::string> notes_;
};

}  // namespace

Status Run(const RunOptions& options) { return SmtRun(options).Run(); }

}  // namespace starlift::smt
