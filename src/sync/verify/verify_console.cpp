#include "sync/verify/verify_console.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <memory>

#include <fmt/format.h>

#include "sync/retry.h"
#include "sync/verify/report.h"
#include "sync/verify/stored_results.h"
#include "sync/verify/verify_run.h"

namespace starlift::sync {
namespace {

constexpr int kExitEqual = 0;
constexpr int kExitDifferent = 1;

Status WriteFile(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::trunc);
  if (file << text << std::flush) return {};
  return Error{ErrorKind::kIo,
               fmt::format("can't write the file {}: {}", path, std::strerror(errno)), "--report",
               "give a file in a directory that can be written"};
}

Status WriteReport(const VerificationReport& report, const std::string& path) {
  if (path.empty()) return {};
  const bool html = path.ends_with(".html");
  return WriteFile(path, html ? RenderReportHtml(report) : RenderReportJson(report));
}

}  // namespace

Result<int> VerifyOnConsole(const TaskConfig& config, const VerifyOptions& options,
                            const Cancellation& cancellation) {
  if (!options.report.empty()) SL_TRY(WriteFile(options.report, ""));
  SL_ASSIGN(const std::unique_ptr<Source> source, OpenSource(config.source));
  VerifyRun run(config, options, *source, cancellation);
  while (true) {
    SL_ASSIGN(const VerificationReport report, run.Once());
    fmt::print("{}", RenderReportText(report));
    std::fflush(stdout);
    SL_TRY(WriteReport(report, options.report));
    SL_TRY(StoreResultsAtHome(config, report));
    if (!options.repeat) return report.equal() ? kExitEqual : kExitDifferent;
    if (!cancellation.SleepFor(*options.repeat)) return CancelledError();
  }
}

}  // namespace starlift::sync
