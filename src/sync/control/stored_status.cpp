#include "sync/control/stored_status.h"

#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include <fmt/format.h>

#include "base/clock.h"
#include "base/random.h"
#include "state/sqlite_store.h"
#include "state/store.h"
#include "sync/verify/stored_results.h"

namespace starlift::sync {
namespace {

std::string_view StateName(state::TableStatus status) {
  switch (status) {
    case state::TableStatus::kPending:
      return "waiting";
    case state::TableStatus::kLoading:
      return "loading";
    case state::TableStatus::kDone:
      return "done";
  }
  return "";
}

// The first phase that isn't done.
Result<std::string> CurrentPhase(state::StateStore& store, int64_t task) {
  for (const auto phase :
       {state::Phase::kStructure, state::Phase::kFull, state::Phase::kIncremental}) {
    SL_ASSIGN(const state::PhaseStatus status, store.GetPhase(task, phase));
    if (status == state::PhaseStatus::kRunning) return std::string(state::PhaseName(phase));
  }
  SL_ASSIGN(const state::PhaseStatus full, store.GetPhase(task, state::Phase::kFull));
  return std::string(full == state::PhaseStatus::kDone ? "done" : "not begun");
}

Status AddTables(state::StateStore& store, int64_t task, TaskStatus& status) {
  SL_ASSIGN(const std::vector<state::TableRecord> tables, store.ListTables(task));
  for (const state::TableRecord& table : tables) {
    TableStatus line;
    line.source = table.source.ToString();
    line.target = fmt::format("`{}`.`{}`", table.target_database, table.target_table);
    line.state = StateName(table.status);
    line.rows_loaded = table.done.rows_loaded;
    line.dead_letters = table.done.rows_rejected;
    status.dead_letters += line.dead_letters;
    status.tables.push_back(std::move(line));
  }
  return {};
}

// On their way into the task.
Status AddNewTables(state::StateStore& store, int64_t task, TaskStatus& status) {
  SL_ASSIGN(const auto admissions, store.admissions().ListAdmissions(task));
  for (const state::AdmissionRecord& admission : admissions) {
    const size_t before = status.tables.size();
    SL_TRY(AddTables(store, admission.id, status));
    for (size_t i = before; i < status.tables.size(); ++i) {
      if (status.tables[i].state == "done") status.tables[i].state = "catching up";
    }
    if (status.tables.size() > before) continue;
    for (const TableId& table : admission.tables) {
      TableStatus& line = status.tables.emplace_back();
      line.source = table.ToString();
      line.state = "waiting";
    }
  }
  return {};
}

}  // namespace

Result<TaskStatus> ReadStoredStatus(const std::string& home, std::string_view identity) {
  const Error unknown = Error{ErrorKind::kNotFound, fmt::format("there is no task {}", identity),
                              fmt::format("home {}", home)}
                            .Mend("give the --home that it was run with");
  if (!std::filesystem::exists(std::filesystem::path(home) / state::kStateFileName)) {
    return unknown;
  }
  SL_ASSIGN(const std::unique_ptr<state::StateStore> store,
            state::OpenSqliteStore(home, SystemClock(), SystemRandom()));
  SL_ASSIGN(const std::optional<state::TaskRecord> task, store->FindTask(identity));
  if (!task) return unknown;
  TaskStatus status;
  status.task = task->identity;
  SL_ASSIGN(status.phase, CurrentPhase(*store, task->id));
  SL_ASSIGN(const state::SkipRecord skips, store->GetSkips(task->id));
  status.skips_left = skips.left();
  SL_TRY(AddTables(*store, task->id, status));
  SL_TRY(AddNewTables(*store, task->id, status));
  AddStoredResults(*store, identity, status);
  return status;
}

}  // namespace starlift::sync
