#include "sync/run/overtaken_table.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/log.h"
#include "sync/evolve/schema_evolution.h"
#include "sync/run/table_selection.h"

namespace starlift::sync {

// Names, order and types: what may be behind a name of another type or at another place isn't
// known.
Result<SourceTableState> CompareWithSource(const Table& table, Source& source) {
  SL_ASSIGN(const Catalog catalog, source.ReadCatalog(MakeNameFilter({table.id})));
  if (catalog.tables.empty()) return SourceTableState::kGone;
  const std::vector<Column>& columns = catalog.tables.front().columns;
  const bool same = std::equal(table.columns.begin(), table.columns.end(), columns.begin(),
                               columns.end(), [](const Column& then, const Column& now) {
                                 return then.name == now.name && then.type == now.type &&
                                        then.nullable == now.nullable;
                               });
  return same ? SourceTableState::kSame : SourceTableState::kAltered;
}

Error OvertakenError(const mapping::TableMapping& mapping) {
  const std::string table = mapping.source.id.ToString();
  return Error{ErrorKind::kConflict,
               fmt::format("{} has to be loaded anew for a schema change, and the source has "
                           "altered it again since: its rows can't be read as they were then",
                           table)}
      .Mend(fmt::format("starlift drop-table {0}; drop {1} at the target; starlift add-table {0}",
                        table, mapping.target.QuotedName()));
}

// In this order: a crash between the two steps of the state ends in a stop, not in a table that
// nobody misses.
Status SendAroundAgain(World& world, int64_t task, const mapping::TableMapping& mapping) {
  const TableId& id = mapping.source.id;
  state::AdmissionStore& admissions = world.store.admissions();
  LogWarning(
      "{} has to be loaded anew, and the source has altered it again since: it leaves the task, "
      "and comes back as it is now",
      id.ToString());
  const auto target = world.open_target();
  starrocks::TargetTable shadow = mapping.target;
  shadow.name = SchemaEvolution::ShadowName(shadow.name);
  for (const starrocks::TargetTable* const table : {&std::as_const(shadow), &mapping.target}) {
    SL_TRY(target->Execute(fmt::format("DROP TABLE IF EXISTS {}", table->QuotedName())));
  }
  SL_TRY(admissions.ForgetTable(task, id, std::nullopt));
  SL_TRY(admissions.AddAdmission(task, {id}, "truncate", std::nullopt));
  return world.store.AppendAudit(task, "load-anew", id.ToString(),
                                 "altered again at the source before it could be read");
}

}  // namespace starlift::sync
