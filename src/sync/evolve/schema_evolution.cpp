#include "sync/evolve/schema_evolution.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/log.h"
#include "starrocks/ddl_printer.h"
#include "sync/evolve/alter_execution.h"
#include "sync/evolve/table_evolution.h"

namespace starlift::sync {

SchemaEvolution::SchemaEvolution(TargetCatalog& target, const SchemaChangeOptions& options,
                                 ExistingTables existing, Clock& clock,
                                 const Cancellation& cancellation)
    : target_(target),
      options_(options),
      existing_(existing),
      clock_(clock),
      cancellation_(cancellation) {}

Result<EvolutionOutcome> SchemaEvolution::Apply(const MappedChange& change) {
  TableEvolution evolution(target_, options_, existing_, clock_, cancellation_, change);
  auto outcome = evolution.Run();
  if (outcome.ok()) {
    for (const std::string& note : outcome->notes) LogInfo("schema change: {}", note);
  }
  return outcome;
}

std::string SchemaEvolution::ShadowName(std::string_view table) {
  return fmt::format("__starlift_shadow_{}", table);
}

}  // namespace starlift::sync
