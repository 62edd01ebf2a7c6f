#include "sync/console.h"

#include <cstdio>
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
#include "sync/progress/progress_reporter.h"
#include "sync/progress/progress_text.h"
#include "sync/run/sync_task.h"

namespace starlift::sync {
namespace {

constexpr int kExitDone = 0;
constexpr int kExitDeadLetters = 1;
constexpr int kExitCheckFailed = 3;

void Print(std::FILE* out, const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), out);
  std::fflush(out);
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

Result<Preparation> PrepareOnly(const TaskConfig& config) {
  SL_ASSIGN(const OwnsTable owns, ReadOwnershipAt(config));
  SL_ASSIGN(const std::unique_ptr<Source> source, OpenSource(config.source));
  const auto target = OpenTargetCatalog(config.target);
  return Prepare(config, *source, *target, owns);
}

// Prints what a run finds and does, in the style that the config asks for.
class ConsoleObserver : public RunObserver {
 public:
  explicit ConsoleObserver(const TaskConfig& config)
      : config_(config), style_(ResolveProgressStyle(config.progress)) {}

  void Prepared(const Preparation& preparation) override {
    Print(stderr, RenderFindings(preparation.plan.findings));
    if (style_ == ProgressStyle::kLive) {
      fmt::print("{} tables from {} ({}) into {}\n", preparation.plan.tables.size(),
                 DescribeSource(config_.source), preparation.source_version,
                 DescribeTarget(config_.target));
      std::fflush(stdout);
    }
  }

  void Loading(const ProgressBoard& board) override {
    reporter_.emplace(board, SystemClock(), style_);
  }

  void Loaded(const ProgressBoard& board, std::string_view result) override {
    reporter_.reset();
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

 private:
  void WriteSummary(const std::string& json) const {
    std::ofstream file(config_.summary_json, std::ios::trunc);
    if (!(file << json << std::flush)) {
      LogError("can't write the summary to {}", config_.summary_json);
    }
  }

  const TaskConfig& config_;
  const ProgressStyle style_;
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
  return plan.has_errors() ? kExitCheckFailed : kExitDone;
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
  SL_ASSIGN(const std::unique_ptr<Source> source, OpenSource(config.source));
  SL_TRY(MakeHome(config.home));
  SL_ASSIGN(const state::TaskLock lock,
            state::TaskLock::Acquire(config.home, TaskIdentity(config)));
  SL_ASSIGN(const std::unique_ptr<state::StateStore> store,
            state::OpenSqliteStore(config.home, SystemClock(), SystemRandom()));
  starrocks::StreamLoadClient loads(config.target);
  World world{*source,       [&] { return OpenTargetCatalog(config.target); },
              loads,         [&] { loads.Interrupt(); },
              *store,        SystemClock(),
              SystemRandom()};
  ConsoleObserver observer(config);
  SyncTask task(config, world, observer, cancellation);
  auto report = task.Run();
  if (!report.ok()) {
    if (report.error().kind == ErrorKind::kCheck) Print(stderr, RenderFindings(task.findings()));
    return std::move(report).error();
  }
  return report->rows_filtered > 0 ? kExitDeadLetters : kExitDone;
}

Result<int> CheckOnConsole(const TaskConfig& config, const Cancellation&) {
  SL_ASSIGN(const Preparation preparation, PrepareOnly(config));
  const Plan& plan = preparation.plan;
  Print(stdout, RenderFindings(plan.findings));
  fmt::print("{} tables; {}\n", plan.tables.size(),
             plan.has_errors() ? "not ready: mend the errors above" : "ready");
  return plan.has_errors() ? kExitCheckFailed : kExitDone;
}

}  // namespace starlift::sync
