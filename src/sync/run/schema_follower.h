#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "load/changes/change_applier.h"
#include "mapping/table_mapping.h"
#include "sync/config/task_config.h"
#include "sync/evolve/schema_evolution.h"
#include "sync/run/overtaken_table.h"
#include "sync/run/world.h"

namespace starlift::sync {

// Carries the source's schema changes over to the target while the stream waits, and says how rows
// land after them. A table that can't be altered, or is new with rows, is loaded from the source as
// it is now; the stream goes on from before that, which ends in the same rows. Used by the stream's
// thread.
class SchemaFollower : public load::SchemaChangeHandler {
 public:
  // `wanted` picks the tables that are the task's.
  SchemaFollower(const TaskConfig& config, World& world, int64_t task, TableFilter wanted,
                 const Cancellation& cancellation);

  // A table that is followed from the start.
  void Add(std::shared_ptr<const mapping::TableMapping> mapping);
  // How the table lands now; null for one that isn't followed.
  std::shared_ptr<const mapping::TableMapping> Find(const TableId& table) const {
    const auto found = mappings_.find(table);
    return found == mappings_.end() ? nullptr : found->second;
  }

  // A table that the source has altered again before it could be loaded anew may leave the task and
  // come back: whoever reads the stream ends it when must_reopen() says so, and begins with what is
  // on its way. Else such a table is an error.
  void AllowReturns() { returns_ = true; }
  bool must_reopen() const { return !away_.empty(); }

  Result<load::AppliedSchemaChange> Apply(const SchemaChange& change) override;
  // As if all policies were to ignore.
  Result<load::AppliedSchemaChange> LeaveOut(const SchemaChange& change) override;

 private:
  Result<load::AppliedSchemaChange> Carry(const SchemaChange& change,
                                          const SchemaChangeOptions& options);
  // A new table that the policy leaves out; what becomes of one that was.
  Result<load::AppliedSchemaChange> Ignore(const TableId& table);
  load::AppliedSchemaChange FollowIgnored(const SchemaChange& change);
  // As BuildMappings says; nullopt for a table that isn't part of the task.
  Result<std::optional<mapping::TableMapping>> Map(const TableVersion& version,
                                                   TargetCatalog& target) const;
  Result<state::TableRecord> OwnRecord(const mapping::TableMapping& mapping);
  // Whether the table's rows were read at a position that the change lies before.
  Result<bool> WasReadAhead(const MappedChange& change);
  Result<mapping::TableMapping> Settle(const EvolutionOutcome& outcome, SchemaEvolution& evolution,
                                       TargetCatalog& target);
  // kConflict, and `overtaken_` is set, if the source defines the table otherwise by now.
  Status RequirePresent(const mapping::TableMapping& mapping);
  // Settle ended with `error`.
  Result<load::AppliedSchemaChange> GiveAway(const mapping::TableMapping& mapping,
                                             const Error& error, load::AppliedSchemaChange applied);
  // Beside itself, and swaps.
  Result<mapping::TableMapping> LoadAnew(const mapping::TableMapping& mapping,
                                         SchemaEvolution& evolution);
  // Loads all rows of the mapping's source table, as it is now, by `into`: the mapping itself or
  // that of its shadow. `purpose` names the record of what is done.
  Status LoadRows(const mapping::TableMapping& mapping, const mapping::TableMapping& into,
                  std::string_view purpose);
  Status Note(const SchemaChange& change, const EvolutionOutcome& outcome) const;
  Result<load::AppliedTable> Follow(mapping::TableMapping mapping);

  const TaskConfig& config_;
  World& world_;
  const int64_t task_;
  const TableFilter wanted_;
  const Cancellation& cancellation_;
  std::map<TableId, std::shared_ptr<const mapping::TableMapping>> mappings_;
  bool returns_ = false;
  std::optional<SourceTableState> overtaken_;  // the table that was to be read last
  std::set<TableId> away_;
  std::set<TableId> ignored_;  // new tables that the policy left out in this run
};

}  // namespace starlift::sync
