#pragma once

#include <string>
#include <vector>

#include "base/cancellation.h"
#include "base/clock.h"
#include "base/result.h"
#include "data/change.h"
#include "mapping/table_mapping.h"
#include "sync/config/task_config.h"
#include "sync/evolve/evolution_options.h"
#include "sync/target_catalog.h"

namespace starlift::sync {

// A source table's schema change, and what it maps to. The mappings are those of BuildMappings for
// the versions, not yet adapted to what is at the target.
struct MappedChange {
  const SchemaChange* change = nullptr;
  // As rows before the change are loaded. Null where the table wasn't mapped (kCreateTable, a table
  // that a rename brings in).
  const mapping::TableMapping* before = nullptr;
  // As rows after the change shall land. Null where there is none (kDropTable, a table that a
  // rename takes out of the selection). kTruncateTable: the same as before.
  const mapping::TableMapping* after = nullptr;
};

enum class EvolutionResult : uint8_t {
  // Go on with `mapping`.
  kContinue,
  // Go on with `mapping`, and read `refill_columns` of all rows again from the source (load the
  // rows
  // whole: upserts).
  kRefill,
  // The target table can't be altered to it. Load the table anew: make a shadow (MakeShadow) from
  // `mapping`, fill it from the source, let it catch up, then Swap. No row of the version after the
  // change may be loaded into the old table.
  kRebuild,
  // The table has rows at the source and none here: do structure and full load as for a table that
  // is added to the task.
  kLoadNew,
  // The table is no longer part of the task: no row of it will come.
  kEnd,
};

struct EvolutionOutcome {
  EvolutionResult result = EvolutionResult::kContinue;
  // How rows after the change are loaded: adapted to the table as it is at the target now. Unset
  // for kEnd. For kRebuild and kLoadNew as mapped, with the target's final name.
  mapping::TableMapping mapping;
  std::vector<std::string> refill_columns;  // source names
  // For the log and the audit, one line each: statements run, changes ignored.
  std::vector<std::string> notes;
};

// Carries schema changes over to the target. Used by one thread, each table by one at a time.
//
// The caller has made every load of the table before the change durable, holds no prepared
// transaction open in its database (StarRocks' ALTER waits for all of them), and loads nothing into
// the table until the call returns. It stores that a change is done (with the outcome) before it
// moves its checkpoint past it, and doesn't call again for changes stored as done: to apply the
// last one twice does no harm, to apply an old one after later ones may.
//
// Errors: kPolicy where the policy, or a change that nothing can be done about, stops the table;
// the mend says what to do. kUnreachable: nothing is known of the statement in flight; call again.
class SchemaEvolution {
 public:
  // `existing`: what becomes of rows found in a table that the source has just created.
  SchemaEvolution(TargetCatalog& target, const SchemaChangeOptions& options,
                  ExistingTables existing, Clock& clock, const Cancellation& cancellation);

  // Compares the target with what is wanted, does what is missing, waits until it is done.
  Result<EvolutionOutcome> Apply(const MappedChange& change);

  // For kRebuild. Makes the empty shadow table of `mapping` in the same database (SWAP can't cross
  // databases) and gives the mapping that loads into it. Drops a shadow that is there already.
  Result<mapping::TableMapping> MakeShadow(const mapping::TableMapping& mapping);

  // Puts the filled shadow in the table's place, in one step for readers, and drops the old table.
  // May be called again after a crash anywhere inside. Gives the mapping to go on with.
  Result<mapping::TableMapping> Swap(const mapping::TableMapping& mapping);

  // "__starlift_shadow_orders"
  static std::string ShadowName(std::string_view table);

 private:
  TargetCatalog& target_;
  const SchemaChangeOptions options_;
  const ExistingTables existing_;
  Clock& clock_;
  const Cancellation& cancellation_;
};

}  // namespace starlift::sync
