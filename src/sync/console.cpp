#include "sync/console.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>

#include <fmt/format.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"
#include "starrocks/stream_load.h"
#include "state/sqlite_store.h"
#include "state/task_lock.h"
#include "sync/control/control_socket.h"
#include "sync/control/full_load_status.h"
#include "sync/control/status_board.h"
#include "sync/progress/progress_reporter.h"
#include "sync/progress/progress_text.h"
#include "sync/run/full_phase.h"
#include "sync/run/sync_task.h"
#include "sync/verify/stored_results.h"
#include "sync/verify/verification_phase.h"

namespace starlift::sync {
namespace {

constexpr int kExitDone = 0;
constexpr int kExitDeadLetters = 1;
constexpr int kExitDifferent = 1;
constexpr size_t kMostWarnings = 20;  // of a run; `check` shows all

void Print(std::FILE* out, const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), out);
  std::fflush(out);
}

std::string CountTables(size_t tables) {
  return tables == 1 ? std::string("1 table") : fmt::format("{} tables", tables);
}

// For runs that change nothing: the state is only looked at, and only if there is one.
Result<OwnsTable> ReadOwnershipAt(const TaskConfig& config) {
  const bool has_state =
      std::filesystem::exists(std::filesystem::path(config.home) / state::kStateFileName);
  if (!has_state || config.fresh) {
    return OwnsTable([](const std::string&, const std::string&) { return false; });
  }
  SL_ASSIGN(const std::unique_ptr<state::StateStore> store,
            state::OpenSqliteStore(config.home, SystemClock(), SystemRandom()));
  return ReadOwnership(*store, TaskIdentity(config));
}

// What is wrong only if the log is followed, which nobody asked for, stops nothing: `sync` says it
// and loads the rows of now.
void SoftenLogErrors(const std::vector<Finding>& without_log, std::vector<Finding>& findings) {
  for (Finding& finding : findings) {
    if (finding.severity != Severity::kError) continue;
    const bool stops =
        std::any_of(without_log.begin(), without_log.end(), [&](const Finding& each) {
          return each.code == finding.code && each.subject == finding.subject;
        });
    if (stops) continue;
    finding.severity = Severity::kWarning;
    finding.message = "changes are not followed: " + finding.message;
  }
}

Result<Preparation> PrepareOnly(const TaskConfig& config) {
  SL_ASSIGN(const OwnsTable owns, ReadOwnershipAt(config));
  SL_ASSIGN(const std::unique_ptr<Source> source, OpenSource(config.source));
  const auto target = OpenTargetCatalog(config.target);
  const auto prepare = [&](bool incremental) {
    return Prepare(config, *source, *target, owns, {.incremental = incremental});
  };
  const bool wants_log = std::find(config.phases.begin(), config.phases.end(),
                                   Phase::kIncremental) != config.phases.end();
  if (!config.default_phases) return prepare(wants_log);
  SL_ASSIGN(Preparation preparation, prepare(wants_log && source->log() != nullptr));
  if (RequireNoErrors(preparation.plan.findings).ok()) return preparation;
  SL_ASSIGN(const Preparation without, prepare(false));
  SoftenLogErrors(without.plan.findings, preparation.plan.findings);
  return preparation;
}

// Prints what a run finds and does, in the style that the config asks for.
class ConsoleObserver : public RunObserver {
 public:
  // `verification` may be null: there is none.
  ConsoleObserver(const TaskConfig& config, state::StateStore& store, StatusBoard& status,
                  VerificationPhase* verification)
      : config_(config),
        store_(store),
        status_(status),
        verification_(verification),
        style_(ResolveProgressStyle(config.progress)) {}

  void Prepared(const Preparation& preparation) override {
    prepared_ = true;
    Print(stderr, RenderFindings(preparation.plan.findings, kMostWarnings));
    if (style_ == ProgressStyle::kLive) {
      fmt::print("{} from {} ({}) into {}\n", CountTables(preparation.plan.tables.size()),
                 DescribeSource(config_.source), preparation.source_version,
                 DescribeTarget(config_.target));
      std::fflush(stdout);
    }
  }

  bool prepared() const { return prepared_; }

  void Loading(const ProgressBoard& board) override {
    reporter_.emplace(board, SystemClock(), style_);
    status_.SetReader(
        [&board, task = TaskIdentity(config_)] { return StatusOfFullLoad(task, board.Take()); });
  }

  void Loaded(const ProgressBoard& board, std::string_view result) override {
    reporter_.reset();
    status_.SetReader(nullptr);
    const ProgressSnapshot snapshot = board.Take();
    const std::string json = RenderSummaryJson(snapshot, TaskIdentity(config_), std::string(result),
                                               SystemClock().WallTime().count()) +
                             '\n';
    if (style_ == ProgressStyle::kJson) {
      Print(stdout, json);
      Print(stderr, RenderSummary(snapshot));
    } else {
      Print(stdout, RenderSummary(snapshot));
    }
    if (!config_.summary_json.empty()) WriteSummary(json);
  }

  void Following(const IncrementalPhase& phase) override {
    status_.SetReader([this, &phase] {
      TaskStatus status = phase.status();
      AddStoredResults(store_, TaskIdentity(config_), status);
      return status;
    });
    if (verification_ != nullptr) verification_->StreamBegan();
  }
  void Followed() override { status_.SetReader(nullptr); }

 private:
  void WriteSummary(const std::string& json) const {
    std::ofstream file(config_.summary_json, std::ios::trunc);
    if (!(file << json << std::flush)) {
      LogError("can't write the summary to {}", config_.summary_json);
    }
  }

  const TaskConfig& config_;
  state::StateStore& store_;
  StatusBoard& status_;
  VerificationPhase* const verification_;
  const ProgressStyle style_;
  bool prepared_ = false;
  std::optional<ProgressReporter> reporter_;
};

Result<int> DryRun(const TaskConfig& config) {
  SL_ASSIGN(const Preparation preparation, PrepareOnly(config));
  const Plan& plan = preparation.plan;
  Print(stderr, RenderFindings(plan.findings));
  if (!config.ddl_only) {
    fmt::print("{} ({}) into {}\n\n", DescribeSource(config.source), preparation.source_version,
               DescribeTarget(config.target));
    Print(stdout, RenderPlan(plan) + '\n');
  }
  for (const std::string& statement : PlanStatements(plan)) Print(stdout, statement + '\n');
  SL_TRY(RequireNoErrors(plan.findings));
  return kExitDone;
}

// Found out before the work rather than after it.
Status CheckSummaryFile(const std::string& path) {
  if (path.empty() || std::ofstream(path, std::ios::app)) return {};
  return Error{ErrorKind::kUsage,
               fmt::format("can't write the file {}: {}", path, std::strerror(errno)),
               "--summary-json", "give a file in a directory that can be written"};
}

// Of all runs of the task.
Result<uint64_t> CountDeadLetters(state::StateStore& store, const std::string& identity) {
  uint64_t rows = 0;
  SL_ASSIGN(const std::optional<state::TaskRecord> task, store.FindTask(identity));
  if (!task) return rows;
  SL_ASSIGN(const std::vector<state::TableRecord> tables, store.ListTables(task->id));
  for (const state::TableRecord& table : tables) rows += table.done.rows_rejected;
  return rows;
}

Status MakeHome(const std::string& home) {
  std::error_code error;
  std::filesystem::create_directories(home, error);
  if (!error) return {};
  return Error{ErrorKind::kIo,
               fmt::format("can't make the directory {}: {}", home, error.message()), "",
               "choose another with --home"};
}

}  // namespace

Result<int> SyncOnConsole(const TaskConfig& config, const Cancellation& cancellation) {
  if (config.dry_run) return DryRun(config);
  SL_TRY(CheckSummaryFile(config.summary_json));
  SL_ASSIGN(const std::unique_ptr<Source> source, OpenSource(config.source));
  SL_TRY(MakeHome(config.home));
  auto lock = state::TaskLock::Acquire(config.home, TaskIdentity(config));
  if (!lock.ok()) return std::move(lock).error().At(fmt::format("the lock in {}", config.home));
  SL_ASSIGN(const std::unique_ptr<state::StateStore> store,
            state::OpenSqliteStore(config.home, SystemClock(), SystemRandom()));
  starrocks::StreamLoadClient loads(config.target);
  const std::unique_ptr<starrocks::RowEditor> rows = starrocks::OpenRowEditor(config.target);
  World world{*source,        [&] { return OpenTargetCatalog(config.target); },
              loads,          [&] { loads.Interrupt(); },
              *store,         SystemClock(),
              SystemRandom(), rows.get()};
  StatusBoard status({.task = TaskIdentity(config), .running = true, .phase = "structure"});
  CommandQueue commands;
  SL_ASSIGN(const std::unique_ptr<ControlServer> control,
            ControlServer::Start(
                config.home, TaskIdentity(config), [&] { return status.Read(); }, commands));
  std::optional<VerificationPhase> verification;
  if (std::find(config.phases.begin(), config.phases.end(), Phase::kVerification) !=
      config.phases.end()) {
    verification.emplace(
        config, *source, *store,
        [](const VerificationReport& seen) { Print(stdout, RenderReportText(seen)); },
        cancellation);
  }
  const TaskConfig& run_config = verification ? verification->run_config() : config;
  ConsoleObserver observer(run_config, *store, status, verification ? &*verification : nullptr);
  SyncTask task(run_config, world, observer, &commands,
                verification ? verification->run_stop() : cancellation);
  auto report = task.Run();
  commands.Close();
  Status ended = report.ok() ? Status() : report.error();
  bool equal = true;
  if (verification) {
    auto verified = verification->Finish(ended);
    ended = verified.ok() ? Status() : std::move(verified).error();
    equal = ended.ok() && *verified;
  }
  if (!ended.ok()) {
    if (!observer.prepared()) Print(stderr, RenderFindings(task.findings()));
    return std::move(ended).error();
  }
  uint64_t filtered = report.ok() ? report->rows_filtered : 0;
  if (!report.ok()) {
    SL_ASSIGN(filtered, CountDeadLetters(*store, TaskIdentity(config)));
  }
  if (filtered > 0) {
    fmt::print(stderr,
               "{} rows could not be loaded; they are, with the reasons, in the dead letters: {}\n",
               filtered, DeadLetterDirectory(config));
    return kExitDeadLetters;
  }
  return equal ? kExitDone : kExitDifferent;
}

Result<int> CheckOnConsole(const TaskConfig& config, const Cancellation&) {
  Result<Preparation> prepared = PrepareOnly(config);
  if (!prepared.ok()) {
    Error error = std::move(prepared).error();
    if (error.kind == ErrorKind::kUnreachable && error.mend.empty()) {
      error.mend = "check host, port and firewalls, and that the server runs";
    }
    return error;
  }
  const Preparation& preparation = *prepared;
  const Plan& plan = preparation.plan;
  Print(stdout, RenderFindings(plan.findings));
  std::fflush(stdout);
  SL_TRY(RequireNoErrors(plan.findings));
  fmt::print("ready: {} from {} ({}) into {}\n", CountTables(plan.tables.size()),
             DescribeSource(config.source), preparation.source_version,
             DescribeTarget(config.target));
  return kExitDone;
}

}  // namespace starlift::sync
