#include "sync/run/structure_phase.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <optional>
#include <thread>

#include <fmt/format.h>

#include "base/log.h"
#include "starrocks/ddl_printer.h"
#include "sync/retry.h"

namespace starlift::sync {
namespace {

using state::TableRecord;
using state::TableStatus;

constexpr int64_t kLineIntervalMs = 3000;

std::string TruncateStatement(const starrocks::TargetTable& table) {
  return fmt::format("TRUNCATE TABLE {}", table.QuotedName());
}

// A statement for the session: without the ";" that it has in a script.
std::string WithoutEnd(std::string statement) {
  if (statement.ends_with(';')) statement.pop_back();
  return statement;
}

class StructurePhase {
 public:
  StructurePhase(const Plan& plan, int64_t task, const StructureOptions& options, World& world,
                 const Cancellation& cancellation)
      : plan_(plan),
        task_(task),
        world_(world),
        retry_{world.clock, cancellation, options.retry_for},
        connections_(options.connections),
        records_(plan.tables.size()),
        next_line_ms_(world.clock.Now().count() + kLineIntervalMs) {}

  Result<std::vector<TableRecord>> Run() {
    const auto target = world_.open_target();
    for (const std::string& database : plan_.create_databases) {
      SL_TRY(Execute(*target, starrocks::PrintCreateDatabase(database)));
    }
    // Tables that share another's target come first, for the same reason that StartAnew does.
    SL_TRY(RunAll(/*shared=*/true));
    SL_TRY(RunAll(/*shared=*/false));
    return std::move(records_);
  }

 private:
  Status RunAll(bool shared) {
    std::atomic<size_t> next{0};
    std::mutex mutex;
    std::optional<Error> first_error;
    const auto work = [&] {
      const auto target = world_.open_target();
      while (true) {
        const size_t i = next.fetch_add(1);
        if (i >= plan_.tables.size()) return;
        if ((plan_.tables[i].action == TableAction::kShare) != shared) continue;
        auto made = MakeTable(*target, i);
        if (made.ok()) {
          TellProgress();
          continue;
        }
        next = plan_.tables.size();
        std::lock_guard lock(mutex);
        if (!first_error) first_error = std::move(made).error();
        return;
      }
    };
    const size_t most = std::min<size_t>(connections_, plan_.tables.size());
    std::vector<std::thread> threads;
    for (size_t i = 1; i < most; ++i) threads.emplace_back(work);
    work();
    for (std::thread& thread : threads) thread.join();
    if (first_error) return *std::move(first_error);
    return {};
  }

  // A line now and then: thousands of tables take minutes.
  void TellProgress() {
    const size_t ready = ++ready_;
    int64_t next = next_line_ms_;
    const int64_t now = world_.clock.Now().count();
    if (now < next || !next_line_ms_.compare_exchange_strong(next, now + kLineIntervalMs)) return;
    LogInfo("structure: {} of {} tables", ready, plan_.tables.size());
  }

  Status MakeTable(TargetCatalog& target, size_t i) {
    const TablePlan& table = plan_.tables[i];
    const starrocks::TargetTable& wanted = table.mapping.target;
    SL_ASSIGN(TableRecord record,
              world_.store.OpenTable(task_, table.mapping.source.id, wanted.database, wanted.name));
    // Forgotten before it is made again: a crash in between must not leave an empty table that the
    // state calls done.
    if (table.target_is_new && record.status != TableStatus::kPending) {
      SL_TRY(StartAnew(wanted, record));
    }
    if (table.action == TableAction::kCreate) {
      SL_TRY(Execute(target, starrocks::PrintCreateTable(wanted)));
      SL_TRY(world_.store.MarkCreated(record.id));
      LogDebug("made {}", wanted.QuotedName());
    } else if (table.action == TableAction::kTruncate) {
      SL_TRY(Execute(target, TruncateStatement(wanted)));
      SL_TRY(
          world_.store.AppendAudit(task_, "truncate", wanted.QuotedName(), "--existing truncate"));
    }
    if (!record.prepared) SL_TRY(world_.store.MarkPrepared(record.id));
    SL_ASSIGN(records_[i], world_.store.GetTable(record.id));
    return {};
  }

  // The table was loaded, at least in part, and is gone from the target.
  Status StartAnew(const starrocks::TargetTable& wanted, const TableRecord& record) {
    LogWarning("{} is gone from the target since an earlier run loaded it: it is loaded again",
               wanted.QuotedName());
    SL_TRY(world_.store.AppendAudit(task_, "restart-table", wanted.QuotedName(),
                                    "gone from the target"));
    return world_.store.RestartTable(record.id);
  }

  Status Execute(TargetCatalog& target, std::string statement) {
    statement = WithoutEnd(std::move(statement));
    auto executed = RetryUnreachable(retry_, "target", [&] { return target.Execute(statement); });
    if (!executed.ok()) {
      Error error = std::move(executed).error();
      if (error.where.empty()) error.where = statement.substr(0, statement.find('\n'));
      return error;
    }
    return {};
  }

  const Plan& plan_;
  const int64_t task_;
  World& world_;
  const RetryPolicy retry_;
  const uint32_t connections_;
  std::vector<TableRecord> records_;
  std::atomic<size_t> ready_{0};
  std::atomic<int64_t> next_line_ms_;
};

}  // namespace

Result<std::vector<TableRecord>> RunStructurePhase(const Plan& plan, int64_t task,
                                                   const StructureOptions& options, World& world,
                                                   const Cancellation& cancellation) {
  return StructurePhase(plan, task, options, world, cancellation).Run();
}

Result<std::vector<TableRecord>> AdoptTables(const Plan& plan, int64_t task, World& world) {
  std::vector<TableRecord> records;
  for (const TablePlan& table : plan.tables) {
    const starrocks::TargetTable& wanted = table.mapping.target;
    if (table.action == TableAction::kCreate) {
      return Error{ErrorKind::kCheck, fmt::format("{} is not there", wanted.QuotedName()), "target",
                   "run the phase structure too: --phases structure,full"};
    }
    SL_ASSIGN(TableRecord record,
              world.store.OpenTable(task, table.mapping.source.id, wanted.database, wanted.name));
    if (table.action == TableAction::kTruncate) {
      SL_TRY(world.open_target()->Execute(TruncateStatement(wanted)));
    }
    if (!record.prepared) SL_TRY(world.store.MarkPrepared(record.id));
    SL_ASSIGN(record, world.store.GetTable(record.id));
    records.push_back(std::move(record));
  }
  return records;
}

}  // namespace starlift::sync
