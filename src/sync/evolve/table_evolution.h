#pragma once

#include <optional>
#include <string>

#include "sync/evolve/schema_evolution.h"

namespace starlift::sync {

// The table of this name; nullopt if it isn't there.
Result<std::optional<starrocks::TargetTable>> FindTable(TargetCatalog& target,
                                                        std::string_view database,
                                                        std::string_view table);

// One schema change of one table, carried over to the target.
class TableEvolution {
 public:
  TableEvolution(TargetCatalog& target, const SchemaChangeOptions& options, ExistingTables existing,
                 Clock& clock, const Cancellation& cancellation, const MappedChange& change);

  Result<EvolutionOutcome> Run();

 private:
  Result<EvolutionOutcome> Create();
  Result<EvolutionOutcome> Alter();
  Result<EvolutionOutcome> Rename();
  Result<EvolutionOutcome> Truncate();
  Result<EvolutionOutcome> Drop();
  Result<EvolutionOutcome> DropRows();

  Status UseEmptyTable(const starrocks::TargetTable& existing);
  Result<EvolutionOutcome> RenameAtTarget(const starrocks::TargetTable& from,
                                          const starrocks::TargetTable& to);
  // Fits the mapping to the table as it is now.
  Result<EvolutionOutcome> Continue(mapping::TableMapping mapping);
  Result<EvolutionOutcome> Rebuild(std::string_view why);
  Result<starrocks::TargetTable> ReadTable(const starrocks::TargetTable& named);
  Status Execute(const std::string& statement);
  Error Stop(std::string_view why, std::string_view option = {}) const;
  Status RefuseShared(const mapping::TableMapping& mapping, std::string_view what) const;

  TargetCatalog& target_;
  const SchemaChangeOptions& options_;
  const ExistingTables existing_;
  Clock& clock_;
  const Cancellation& cancellation_;
  const MappedChange& change_;
  std::vector<std::string> notes_;
};

}  // namespace starlift::sync
