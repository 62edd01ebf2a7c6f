#include "sync/run/stopped_task.h"

#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include <fmt/format.h>

#include "base/clock.h"
#include "base/random.h"
#include "state/sqlite_store.h"
#include "state/task_lock.h"
#include "sync/run/table_changes.h"
#include "sync/run/table_selection.h"

namespace starlift::sync {
namespace {

// The task's state, nobody else's meanwhile.
struct HeldTask {
  state::TaskLock lock;
  std::unique_ptr<state::StateStore> store;
  int64_t task = 0;
  std::vector<TableId> tables;
};

Result<HeldTask> Hold(const std::string& home, const std::string& identity,
                      const TableRequest& request) {
  const Error unknown = Error{ErrorKind::kNotFound, fmt::format("there is no task {}", identity),
                              fmt::format("home {}", home)}
                            .Mend("give the --home that it was run with");
  if (!std::filesystem::exists(std::filesystem::path(home) / state::kStateFileName)) return unknown;
  SL_ASSIGN(state::TaskLock lock, state::TaskLock::Acquire(home, identity));
  SL_ASSIGN(std::unique_ptr<state::StateStore> store,
            state::OpenSqliteStore(home, SystemClock(), SystemRandom()));
  SL_ASSIGN(const std::optional<state::TaskRecord> task, store->FindTask(identity));
  if (!task) return unknown;
  SL_ASSIGN(const auto checkpoint, store->GetCheckpoint(task->id));
  if (!checkpoint) {
    return Error{ErrorKind::kConflict, fmt::format("the task {} doesn't follow changes", identity)}
        .Mend("change its tables in the task file, or --tables, and run it");
  }
  std::vector<TableId> tables;
  for (const std::string& name : request.names) {
    SL_ASSIGN(TableId table, ParseTableName(name, DatabaseOfPatterns(task->config_digest)));
    tables.push_back(std::move(table));
  }
  return HeldTask{std::move(lock), std::move(store), task->id, std::move(tables)};
}

}  // namespace

Result<std::string> AddTablesOfStoppedTask(const std::string& home, const std::string& identity,
                                           const TableRequest& request) {
  SL_ASSIGN(const HeldTask held, Hold(home, identity, request));
  SL_ASSIGN(const std::string said,
            AddTables(*held.store, held.task, held.tables, request.existing));
  return said + "; the task doesn't run: its next run checks them and takes them in";
}

Result<std::string> DropTablesOfStoppedTask(const std::string& home, const std::string& identity,
                                            const TableRequest& request) {
  SL_ASSIGN(const HeldTask held, Hold(home, identity, request));
  return DropTables(*held.store, held.task, held.tables);
}

}  // namespace starlift::sync
