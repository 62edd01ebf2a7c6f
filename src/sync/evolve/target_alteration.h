#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "sync/evolve/schema_evolution.h"

namespace starlift::sync {

// One ALTER TABLE that is still to be done.
struct AlterStep {
  std::string statement;
  // Loading goes on without it: a comment. Refused, it is only said.
  bool cosmetic = false;
};

// What is missing at a target table. Made from what is there, so that after a crash only the rest
// is in it.
struct TargetAlteration {
  std::vector<AlterStep> steps;
  // Set: StarRocks can't alter the table to it, and why.
  std::optional<std::string> rebuild_reason;
  // How rows are to land: the mapping wanted, with the names and columns that the policies leave.
  mapping::TableMapping mapping;
  std::vector<std::string> refill_columns;  // source names
  std::vector<std::string> notes;
};

// For kAlterTable. kPolicy where a policy says stop.
Result<TargetAlteration> PlanAlteration(const starrocks::TargetTable& existing,
                                        const MappedChange& change,
                                        const SchemaChangeOptions& options);

// The stop at a change, as the policy `option` says or because nothing can be done.
Error StopAtChange(const SchemaChange& change, std::string_view why, std::string_view option);

}  // namespace starlift::sync
