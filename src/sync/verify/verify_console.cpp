#include "sync/verify/verify_console.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>

#include <fmt/format.h>

#include "base/clock.h"
#include "base/log.h"
#include "starrocks/stream_load.h"
#include "sync/plan/preparation.h"
#include "sync/retry.h"
#include "sync/target_catalog.h"
#include "sync/verify/applied_wait.h"
#include "sync/verify/report.h"
#include "sync/verify/verification.h"

namespace starlift::sync {
namespace {

constexpr int kExitEqual = 0;
constexpr int kExitDifferent = 1;
constexpr size_t kMostWarnings = 20;
// Correcting goes on as long as it finds fewer differences each time, and no longer than this.
constexpr int kMostCorrections = 20;

void Print(std::FILE* out, const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), out);
  std::fflush(out);
}

Status WriteFile(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::trunc);
  if (file << text << std::flush) return {};
  return Error{ErrorKind::kIo,
               fmt::format("can't write the file {}: {}", path, std::strerror(errno)), "--report",
               "give a file in a directory that can be written"};
}

class VerifyRun {
 public:
  VerifyRun(const TaskConfig& config, const VerifyOptions& options, Source& source,
            const Cancellation& cancellation)
      : config_(config),
        options_(options),
        source_(source),
        cancellation_(cancellation),
        loads_(config.target) {}

  // One verification, with what is corrected after it.
  Result<bool> Once() {
    VerificationReport report;
    report.began_unix_ms = SystemClock().WallTime().count();
    report.counts_only = options_.counts;
    report.sample = options_.sample;
    report.shown = options_.shown;
    const auto began = SystemClock().Now();
    SL_ASSIGN(const Plan plan, Prepare(report));
    VerificationWorld world{source_, loads_, SystemClock(), {}};
    if (options_.settle.count() == 0) {
      world.wait_until_applied = MakeAppliedWait(config_, source_, SystemClock(), cancellation_);
    }
    Verification verification(plan, config_, options_, std::move(world), cancellation_);
    SL_ASSIGN(report.tables, verification.VerifyAll([](const TableResult& table) {
      LogInfo("{}: {}", table.target, table.equal() ? "equal" : "different");
    }));
    if (options_.fix) SL_TRY(Correct(verification, report));
    report.took = SystemClock().Now() - began;
    Print(stdout, RenderReportText(report));
    SL_TRY(WriteReport(report));
    return report.equal();
  }

 private:
  Result<Plan> Prepare(VerificationReport& report) {
    const RetryPolicy retry{SystemClock(), cancellation_, std::chrono::milliseconds(0)};
    return RetryUnreachable(retry, "the first look at source and target", [&]() -> Result<Plan> {
      SL_ASSIGN(const TableFilter filter, MakeTableFilter(config_));
      SL_ASSIGN(const std::string version, source_.Describe());
      SL_ASSIGN(const Catalog catalog, source_.ReadCatalog(filter));
      const auto target = OpenTargetCatalog(config_.target);
      // Whose rows they are is no matter here.
      const OwnsTable owns = [](const std::string&, const std::string&) { return true; };
      SL_ASSIGN(Plan plan, BuildPlan(config_, catalog, *target, owns));
      report.source = fmt::format("{} ({})", DescribeSource(config_.source), version);
      report.target = DescribeTarget(config_.target);
      if (plan.has_errors()) Print(stderr, RenderFindings(plan.findings, kMostWarnings));
      SL_TRY(RequireNoErrors(plan.findings));
      return plan;
    });
  }

  Status Correct(Verification& verification, VerificationReport& report) {
    if (report.equal()) return {};
    SL_ASSIGN(const std::string record, RecordFile(report.began_unix_ms));
    for (TableResult& table : report.tables) {
      SL_TRY(CorrectTable(verification, record, table, report));
    }
    return {};
  }

  Status CorrectTable(Verification& verification, const std::string& record, TableResult& table,
                      VerificationReport& report) {
    for (int round = 0; round < kMostCorrections && !table.differences.empty(); ++round) {
      const uint64_t before = table.differing();
      SL_ASSIGN(const uint64_t rows, verification.Correct(table, record));
      LogInfo("{}: {} rows corrected", table.target, rows);
      report.corrected_rows += rows;
      report.record = record;
      SL_TRY(verification.VerifyAgain(table));
      if (table.differing() >= before) break;
    }
    return {};
  }

  Result<std::string> RecordFile(int64_t unix_ms) const {
    const std::filesystem::path directory = std::filesystem::path(config_.home) / "corrections";
    std::error_code error;
    std::filesystem::create_directories(directory, error);
    if (error) {
      return Error{
          ErrorKind::kIo,
          fmt::format("can't make the directory {}: {}", directory.string(), error.message()), "",
          "choose another home with --home; nothing was corrected"};
    }
    return (directory / fmt::format("{}-{}.jsonl", TaskIdentity(config_), unix_ms)).string();
  }

  Status WriteReport(const VerificationReport& report) const {
    if (options_.report.empty()) return {};
    const bool html = options_.report.ends_with(".html");
    return WriteFile(options_.report, html ? RenderReportHtml(report) : RenderReportJson(report));
  }

  const TaskConfig& config_;
  const VerifyOptions& options_;
  Source& source_;
  const Cancellation& cancellation_;
  starrocks::StreamLoadClient loads_;
};

}  // namespace

Result<int> VerifyOnConsole(const TaskConfig& config, const VerifyOptions& options,
                            const Cancellation& cancellation) {
  if (!options.report.empty()) SL_TRY(WriteFile(options.report, ""));
  SL_ASSIGN(const std::unique_ptr<Source> source, OpenSource(config.source));
  VerifyRun run(config, options, *source, cancellation);
  while (true) {
    SL_ASSIGN(const bool equal, run.Once());
    if (!options.repeat) return equal ? kExitEqual : kExitDifferent;
    if (!cancellation.SleepFor(*options.repeat)) return CancelledError();
  }
}

}  // namespace starlift::sync
