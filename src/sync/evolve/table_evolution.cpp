#include "sync/evolve/table_evolution.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "starrocks/ddl_printer.h"
#include "sync/evolve/alter_execution.h"
#include "sync/evolve/target_alteration.h"

namespace starlift::sync {

using mapping::TableMapping;
using starrocks::TargetTable;

Result<std::optional<TargetTable>> FindTable(TargetCatalog& target, std::string_view database,
                                             std::string_view table) {
  auto read = target.ReadTable(database, table);
  if (read.ok()) return std::optional<TargetTable>(*std::move(read));
  if (read.error().kind == ErrorKind::kNotFound) return std::optional<TargetTable>();
  return std::move(read).error();
}

TableEvolution::TableEvolution(TargetCatalog& target, const SchemaChangeOptions& options,
                               ExistingTables existing, Clock& clock,
                               const Cancellation& cancellation, const MappedChange& change)
    : target_(target),
      options_(options),
      existing_(existing),
      clock_(clock),
      cancellation_(cancellation),
      change_(change) {}

Result<EvolutionOutcome> TableEvolution::Run() {
  auto outcome = [&]() -> Result<EvolutionOutcome> {
    switch (change_.change->kind) {
      case SchemaChangeKind::kCreateTable:
        return Create();
      case SchemaChangeKind::kAlterTable:
        return Alter();
      case SchemaChangeKind::kRenameTable:
        return Rename();
      case SchemaChangeKind::kTruncateTable:
        return Truncate();
      case SchemaChangeKind::kDropTable:
        return Drop();
      case SchemaChangeKind::kDropRows:
        return DropRows();
    }
    return Error{ErrorKind::kInternal, "a schema change of unknown kind"};
  }();
  if (outcome.ok()) outcome->notes = std::move(notes_);
  return outcome;
}

Error TableEvolution::Stop(std::string_view why, std::string_view option) const {
  return StopAtChange(*change_.change, why, option);
}

// What other source tables have there is not to be touched on behalf of one.
Status TableEvolution::RefuseShared(const TableMapping& mapping, std::string_view what) const {
  if (!mapping.shared_target) return {};
  return Stop(fmt::format("{} would also hit the rows of other source tables in {}", what,
                          mapping.target.QuotedName()));
}

Status TableEvolution::Execute(const std::string& statement) {
  auto executed = target_.Execute(statement);
  const std::string first_line = statement.substr(0, statement.find('\n'));
  if (!executed.ok()) return std::move(executed).error().At(first_line);
  notes_.push_back(first_line);
  return {};
}

Result<TargetTable> TableEvolution::ReadTable(const TargetTable& named) {
  SL_ASSIGN(auto found, FindTable(target_, named.database, named.name));
  if (!found) return Stop(fmt::format("{} is not at the target", named.QuotedName()));
  return *std::move(found);
}

Result<EvolutionOutcome> TableEvolution::Continue(TableMapping mapping) {
  SL_ASSIGN(const TargetTable existing, ReadTable(mapping.target));
  const auto differences = mapping::AdaptToExisting(existing, mapping);
  for (const starrocks::TableDifference& difference : differences) {
    if (difference.blocking) return Rebuild(difference.message);
  }
  return EvolutionOutcome{.result = EvolutionResult::kContinue, .mapping = std::move(mapping)};
}

Result<EvolutionOutcome> TableEvolution::Rebuild(std::string_view why) {
  if (options_.rebuild != ChangePolicy::kApply) {
    return Stop(fmt::format("StarRocks can't alter the table to it ({}), it would have to be "
                            "loaded anew",
                            why),
                "rebuild");
  }
  SL_TRY(RefuseShared(*change_.after, "loading it anew"));
  notes_.push_back(
      fmt::format("{} is loaded anew beside itself: {}", change_.after->target.QuotedName(), why));
  return EvolutionOutcome{.result = EvolutionResult::kRebuild, .mapping = *change_.after};
}

Result<EvolutionOutcome> TableEvolution::Create() {
  const TargetTable& wanted = change_.after->target;
  if (options_.create_table == ChangePolicy::kStop) return Stop("it is new", "create-table");
  if (options_.create_table == ChangePolicy::kIgnore) {
    notes_.push_back(fmt::format("new table {} is left out", change_.after->source.id.ToString()));
    return EvolutionOutcome{.result = EvolutionResult::kEnd};
  }
  SL_ASSIGN(const bool has_database, target_.DatabaseExists(wanted.database));
  if (!has_database) {
    std::string create = starrocks::PrintCreateDatabase(wanted.database);
    create.pop_back();
    SL_TRY(Execute(create));
  }
  SL_ASSIGN(const auto existing, FindTable(target_, wanted.database, wanted.name));
  if (existing) {
    if (!change_.after->shared_target) SL_TRY(UseEmptyTable(*existing));
  } else {
    std::string create = starrocks::PrintCreateTable(wanted);
    create.pop_back();
    SL_TRY(Execute(create));
  }
  return Continue(*change_.after);
}

// A table of that name is there: one that the source had dropped, another's, or ours from before a
// crash, which is empty.
Status TableEvolution::UseEmptyTable(const TargetTable& existing) {
  if (existing_ == ExistingTables::kAppend) return {};
  SL_ASSIGN(const bool rows, target_.HoldsRows(existing));
  if (!rows) return {};
  if (existing_ == ExistingTables::kTruncate) {
    return Execute(fmt::format("TRUNCATE TABLE {}", existing.QuotedName()));
  }
  Error error = Stop(fmt::format("the source made it, and {} is there already and holds rows",
                                 existing.QuotedName()));
  error.mend = fmt::format("drop or empty {}, or run with --existing truncate or append",
                           existing.QuotedName());
  return error;
}

Result<EvolutionOutcome> TableEvolution::Alter() {
  SL_ASSIGN(TargetTable existing, ReadTable(change_.before->target));
  AlterExecution execution(target_, existing, options_.alter_timeout, clock_, cancellation_);
  SL_TRY(execution.WaitForRunning());
  SL_ASSIGN(existing, ReadTable(existing));
  SL_ASSIGN(TargetAlteration alteration, PlanAlteration(existing, change_, options_));
  notes_.insert(notes_.end(), alteration.notes.begin(), alteration.notes.end());
  if (alteration.rebuild_reason) return Rebuild(*alteration.rebuild_reason);
  for (const AlterStep& step : alteration.steps) {
    const auto done = execution.Run(step.statement);
    if (done.ok()) {
      notes_.push_back(step.statement);
    } else if (done.error().kind != ErrorKind::kRefused) {
      return done.error();
    } else if (step.cosmetic) {
      notes_.push_back(fmt::format("left as it is: {}: {}", step.statement, done.error().message));
    } else {
      return Rebuild(done.error().message);
    }
  }
  alteration.mapping.target.database = existing.database;
  alteration.mapping.target.name = existing.name;
  SL_ASSIGN(EvolutionOutcome outcome, Continue(std::move(alteration.mapping)));
  if (outcome.result == EvolutionResult::kContinue && !alteration.refill_columns.empty()) {
    outcome.result = EvolutionResult::kRefill;
    outcome.refill_columns = std::move(alteration.refill_columns);
  }
  return outcome;
}

Result<EvolutionOutcome> TableEvolution::Rename() {
  if (change_.before == nullptr) {
    notes_.push_back(fmt::format("{} comes into the task by its new name: its rows are loaded",
                                 change_.after->source.id.ToString()));
    return EvolutionOutcome{.result = EvolutionResult::kLoadNew, .mapping = *change_.after};
  }
  if (change_.after == nullptr) {
    notes_.push_back(fmt::format("{} leaves the task by its new name {}; {} stays as it is",
                                 change_.before->source.id.ToString(),
                                 change_.change->after->id.ToString(),
                                 change_.before->target.QuotedName()));
    return EvolutionOutcome{.result = EvolutionResult::kEnd};
  }
  const TargetTable& from = change_.before->target;
  const TargetTable& to = change_.after->target;
  if (from.database == to.database && from.name == to.name) return Continue(*change_.after);
  if (options_.rename_table == ChangePolicy::kStop) return Stop("it is renamed", "rename-table");
  if (options_.rename_table == ChangePolicy::kIgnore) {
    notes_.push_back(fmt::format("{} keeps its name: rows of {} go on into it", from.QuotedName(),
                                 change_.after->source.id.ToString()));
    TableMapping mapping = *change_.after;
    mapping.target.database = from.database;
    mapping.target.name = from.name;
    return Continue(std::move(mapping));
  }
  SL_TRY(RefuseShared(*change_.before, "to rename the target table"));
  return RenameAtTarget(from, to);
}

Result<EvolutionOutcome> TableEvolution::RenameAtTarget(const TargetTable& from,
                                                        const TargetTable& to) {
  SL_ASSIGN(const auto there, FindTable(target_, to.database, to.name));
  SL_ASSIGN(const auto old, FindTable(target_, from.database, from.name));
  if (there && old) {
    return Stop(fmt::format("{} can't get the name {}: such a table is there", from.QuotedName(),
                            to.QuotedName()),
                "rename-table");
  }
  if (!there && !old) return Stop(fmt::format("{} is not at the target", from.QuotedName()));
  if (there) return Continue(*change_.after);  // done before a crash
  if (from.database != to.database) {
    // RENAME doesn't cross databases.
    notes_.push_back(fmt::format("{} moves to another database: it is loaded anew as {}",
                                 from.QuotedName(), to.QuotedName()));
    return EvolutionOutcome{.result = EvolutionResult::kLoadNew, .mapping = *change_.after};
  }
  AlterExecution execution(target_, *old, options_.alter_timeout, clock_, cancellation_);
  const std::string statement =
      fmt::format("ALTER TABLE {} RENAME {}", from.QuotedName(), starrocks::QuoteName(to.name));
  SL_TRY(execution.Run(statement));
  notes_.push_back(statement);
  return Continue(*change_.after);
}

Result<EvolutionOutcome> TableEvolution::Truncate() {
  const TargetTable& table = change_.before->target;
  if (options_.truncate_table == ChangePolicy::kStop)
    return Stop("it is emptied", "truncate-table");
  if (options_.truncate_table == ChangePolicy::kIgnore) {
    notes_.push_back(fmt::format("{} was emptied at the source; {} keeps its rows",
                                 change_.before->source.id.ToString(), table.QuotedName()));
    return Continue(*change_.before);
  }
  SL_TRY(RefuseShared(*change_.before, "to empty it"));
  SL_ASSIGN(const TargetTable existing, ReadTable(table));
  AlterExecution execution(target_, existing, options_.alter_timeout, clock_, cancellation_);
  const std::string statement = fmt::format("TRUNCATE TABLE {}", table.QuotedName());
  SL_TRY(execution.Run(statement));
  notes_.push_back(statement);
  return Continue(*change_.before);
}

Result<EvolutionOutcome> TableEvolution::Drop() {
  const TargetTable& table = change_.before->target;
  if (options_.drop_table == ChangePolicy::kStop) return Stop("it is dropped", "drop-table");
  if (options_.drop_table == ChangePolicy::kIgnore) {
    notes_.push_back(fmt::format("{} was dropped at the source; {} is kept with its rows",
                                 change_.before->source.id.ToString(), table.QuotedName()));
    return EvolutionOutcome{.result = EvolutionResult::kEnd};
  }
  SL_TRY(RefuseShared(*change_.before, "to drop it"));
  SL_TRY(Execute(fmt::format("DROP TABLE IF EXISTS {}", table.QuotedName())));
  return EvolutionOutcome{.result = EvolutionResult::kEnd};
}

Result<EvolutionOutcome> TableEvolution::DropRows() {
  constexpr std::string_view kWhat = "rows vanished without row events";
  if (options_.drop_rows == ChangePolicy::kStop) return Stop(kWhat, "drop-rows");
  const TableMapping& mapping = change_.after != nullptr ? *change_.after : *change_.before;
  if (options_.drop_rows == ChangePolicy::kIgnore) {
    notes_.push_back(fmt::format("{}: {}; {} keeps them", mapping.source.id.ToString(), kWhat,
                                 mapping.target.QuotedName()));
    return Continue(mapping);
  }
  if (change_.after == nullptr) return Error{ErrorKind::kInternal, "kDropRows without `after`"};
  return Rebuild(kWhat);
}

}  // namespace starlift::sync
