#include "sync/verify/verify_run.h"

#include <cstdio>
#include <filesystem>
#include <memory>
#include <utility>

#include <fmt/format.h>

#include "base/clock.h"
#include "base/log.h"
#include "sync/plan/preparation.h"
#include "sync/retry.h"
#include "sync/run/table_selection.h"
#include "sync/target_catalog.h"
#include "sync/verify/applied_wait.h"

namespace starlift::sync {
namespace {

constexpr size_t kMostWarnings = 20;
// Correcting goes on as long as it finds fewer differences each time, and no longer than this.
constexpr int kMostCorrections = 20;

}  // namespace

Result<VerificationReport> VerifyRun::Once() {
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
  return report;
}

Result<Plan> VerifyRun::Prepare(VerificationReport& report) {
  const RetryPolicy retry{SystemClock(), cancellation_, std::chrono::milliseconds(0)};
  return RetryUnreachable(retry, "the first look at source and target", [&]() -> Result<Plan> {
    SL_ASSIGN(const TableFilter filter, ReadTaskFilter(config_));
    SL_ASSIGN(const std::string version, source_.Describe());
    SL_ASSIGN(const Catalog catalog, source_.ReadCatalog(filter));
    const auto target = OpenTargetCatalog(config_.target);
    // Whose rows they are is no matter here.
    const OwnsTable owns = [](const std::string&, const std::string&) { return true; };
    SL_ASSIGN(Plan plan, BuildPlan(config_, catalog, *target, owns));
    report.source = fmt::format("{} ({})", DescribeSource(config_.source), version);
    report.target = DescribeTarget(config_.target);
    if (plan.has_errors()) fmt::print(stderr, "{}", RenderFindings(plan.findings, kMostWarnings));
    SL_TRY(RequireNoErrors(plan.findings));
    return plan;
  });
}

Status VerifyRun::Correct(Verification& verification, VerificationReport& report) {
  if (report.equal()) return {};
  SL_ASSIGN(const std::string record, RecordFile(report.began_unix_ms));
  for (TableResult& table : report.tables) {
    SL_TRY(CorrectTable(verification, record, table, report));
  }
  return {};
}

Status VerifyRun::CorrectTable(Verification& verification, const std::string& record,
                               TableResult& table, VerificationReport& report) {
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

Result<std::string> VerifyRun::RecordFile(int64_t unix_ms) const {
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

}  // namespace starlift::sync
