#include "sync/run/admission_check.h"

#include <set>
#include <utility>

#include "sync/plan/preparation.h"
#include "sync/run/table_selection.h"

namespace starlift::sync {

TaskConfig MakeAdmissionConfig(const TaskConfig& config, std::string_view existing) {
  TaskConfig own = config;
  own.phases = {Phase::kStructure, Phase::kFull, Phase::kIncremental};
  own.default_phases = false;
  own.fresh = false;
  own.until_caught_up = false;
  own.summary_json.clear();
  if (existing == "refuse") own.existing = ExistingTables::kRefuse;
  if (existing == "append") own.existing = ExistingTables::kAppend;
  if (existing == "truncate") own.existing = ExistingTables::kTruncate;
  return own;
}

Result<Catalog> ReadFollowedTables(state::StateStore& store, int64_t task) {
  SL_ASSIGN(const std::vector<TableVersion> definitions, store.ListDefinitions(task));
  Catalog catalog;
  for (const TableVersion& table : definitions) catalog.tables.push_back(*table);
  return catalog;
}

Result<std::vector<Finding>> CheckAdmission(const TaskConfig& config, World& world, int64_t task,
                                            const std::vector<TableId>& tables,
                                            std::string_view existing) {
  SL_ASSIGN(const Catalog others, ReadFollowedTables(world.store, task));
  const auto target = world.open_target();
  const OwnsTable owns_none = [](const std::string&, const std::string&) { return false; };
  PrepareOptions options;
  options.incremental = true;
  options.filter = MakeNameFilter(tables);
  options.others = &others;
  SL_ASSIGN(Preparation preparation, Prepare(MakeAdmissionConfig(config, existing), world.source,
                                             *target, owns_none, options));
  std::vector<Finding> findings = std::move(preparation.plan.findings);
  std::erase_if(findings, [](const Finding& finding) { return finding.code == "no-tables"; });
  std::set<TableId> there;
  for (const Table& table : preparation.catalog.tables) there.insert(table.id);
  for (const TableId& table : tables) {
    if (there.contains(table)) continue;
    findings.push_back({Severity::kError, "no-such-table", table.ToString(),
                        "the source has no such table, or its user can't see it",
                        "see the names with SHOW TABLES; upper and lower case count"});
  }
  return findings;
}

}  // namespace starlift::sync
