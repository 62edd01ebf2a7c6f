#pragma once

#include <cstdint>
#include <vector>

#include "base/cancellation.h"
#include "base/result.h"
#include "state/records.h"
#include "sync/plan/plan.h"
#include "sync/run/world.h"

namespace starlift::sync {

struct StructureOptions {
  uint32_t connections = 1;  // statements at a time
  std::chrono::milliseconds retry_for{0};
};

// Makes the databases and tables of a plan, and takes charge of every target table in the state:
// from then on the rows in it are this task's. Every step can be done again after a crash: what is
// there is left alone, what was emptied is not emptied again. Gives the tables' records in the
// plan's order.
Result<std::vector<state::TableRecord>> RunStructurePhase(const Plan& plan, int64_t task,
                                                          const StructureOptions& options,
                                                          World& world,
                                                          const Cancellation& cancellation);

// The records without making anything: for runs without the phase. kCheck for a table that isn't at
// the target.
Result<std::vector<state::TableRecord>> AdoptTables(const Plan& plan, int64_t task, World& world);

}  // namespace starlift::sync
