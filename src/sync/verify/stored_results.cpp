#include "sync/verify/stored_results.h"

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/clock.h"
#include "base/random.h"
#include "state/sqlite_store.h"

namespace starlift::sync {

Status StoreResults(state::StateStore& store, int64_t task, const VerificationReport& report) {
  const int64_t now = SystemClock().WallTime().count();
  for (const TableResult& table : report.tables) {
    SL_TRY(store.SaveVerification(task, {.target = table.target,
                                         .unix_ms = now,
                                         .method = std::string(ComparisonMethodName(table.method)),
                                         .source_rows = table.source_rows,
                                         .target_rows = table.target_rows,
                                         .differing = table.differing(),
                                         .unsettled = table.unsettled,
                                         .equal = table.equal()}));
  }
  return {};
}

Status StoreResultsAtHome(const TaskConfig& config, const VerificationReport& report) {
  if (!std::filesystem::exists(std::filesystem::path(config.home) / state::kStateFileName)) {
    return {};
  }
  SL_ASSIGN(const std::unique_ptr<state::StateStore> store,
            state::OpenSqliteStore(config.home, SystemClock(), SystemRandom()));
  SL_ASSIGN(const std::optional<state::TaskRecord> task, store->FindTask(TaskIdentity(config)));
  return task ? StoreResults(*store, task->id, report) : Status();
}

void AddStoredResults(state::StateStore& store, std::string_view identity, TaskStatus& status) {
  const auto task = store.FindTask(identity);
  if (!task.ok() || !*task) return;
  auto records = store.ListVerifications((*task)->id);
  if (!records.ok()) return;
  std::map<std::string, state::VerificationRecord> by_target;
  for (state::VerificationRecord& record : *records) {
    by_target.emplace(record.target, std::move(record));
  }
  for (TableStatus& table : status.tables) {
    const auto found = by_target.find(table.target);
    if (found == by_target.end()) continue;
    table.verified_unix_ms = found->second.unix_ms;
    table.verified_equal = found->second.equal;
    table.differing = found->second.differing;
  }
}

}  // namespace starlift::sync
