#include "sync/run/table_changes.h"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "sync/control/table_request.h"

namespace starlift::sync {
namespace {

struct KnownTables {
  std::set<TableId> followed, on_their_way;
  std::map<TableId, std::string> targets;
  bool Has(const TableId& table) const {
    return followed.contains(table) || on_their_way.contains(table);
  }
};

Status AddTargets(state::StateStore& store, int64_t task, KnownTables& known) {
  SL_ASSIGN(const auto records, store.ListTables(task));
  for (const state::TableRecord& record : records) {
    known.targets[record.source] =
        fmt::format("`{}`.`{}`", record.target_database, record.target_table);
  }
  return {};
}

Result<KnownTables> ReadKnownTables(state::StateStore& store, int64_t task) {
  KnownTables known;
  SL_ASSIGN(const auto definitions, store.ListDefinitions(task));
  for (const TableVersion& table : definitions) known.followed.insert(table->id);
  SL_TRY(AddTargets(store, task, known));
  SL_ASSIGN(const auto admissions, store.admissions().ListAdmissions(task));
  for (const state::AdmissionRecord& admission : admissions) {
    known.on_their_way.insert(admission.tables.begin(), admission.tables.end());
    SL_TRY(AddTargets(store, admission.id, known));
  }
  return known;
}

}  // namespace

Result<std::string> AddTables(state::StateStore& store, int64_t task,
                              const std::vector<TableId>& tables, const std::string& existing) {
  SL_ASSIGN(const KnownTables known, ReadKnownTables(store, task));
  for (const TableId& table : tables) {
    if (!known.followed.contains(table)) continue;
    return Error{ErrorKind::kConflict, fmt::format("{} is in the task already", table.ToString())}
        .Mend("to load it anew: drop-table, then add-table");
  }
  SL_TRY(store.admissions().AddAdmission(task, tables, existing, state::TableChoice::kIncluded));
  SL_TRY(store.AppendAudit(task, "add-table", JoinNames(tables), existing));
  return fmt::format("on the way into the task: {}", JoinNames(tables));
}

Result<std::string> DropTables(state::StateStore& store, int64_t task,
                               const std::vector<TableId>& tables) {
  SL_ASSIGN(const KnownTables known, ReadKnownTables(store, task));
  std::set<TableId> left = known.followed;
  for (const TableId& table : tables) {
    left.erase(table);
    if (known.Has(table)) continue;
    return Error{ErrorKind::kConflict, fmt::format("{} is not in the task", table.ToString())}.Mend(
        "see `starlift status` for the tables that are");
  }
  if (left.empty() && !known.followed.empty()) {
    return Error{ErrorKind::kConflict, "no table would be left in the task"}.Mend(
        "stop the task instead");
  }
  std::string said = fmt::format("out of the task: {}", JoinNames(tables));
  for (const TableId& table : tables) {
    SL_TRY(store.admissions().ForgetTable(task, table, state::TableChoice::kExcluded));
    SL_TRY(store.AppendAudit(task, "drop-table", table.ToString(), ""));
    const auto target = known.targets.find(table);
    if (target == known.targets.end()) continue;
    said += fmt::format("; {} stays at the target as it is", target->second);
  }
  return said;
}

}  // namespace starlift::sync
