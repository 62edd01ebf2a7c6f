#pragma once

#include <string>
#include <vector>

#include "base/cancellation.h"
#include "base/result.h"
#include "load/loader.h"
#include "state/records.h"
#include "sync/config/task_config.h"
#include "sync/plan/plan.h"
#include "sync/progress/progress_board.h"
#include "sync/run/world.h"

namespace starlift::sync {

// Loads all rows of a plan's tables that earlier runs have not loaded yet. `records` are the
// tables' records in the plan's order; `board` has the tables in the same order. Returns when every
// row is durable at the target (or in the dead letters), or with the first error, when nothing is
// in flight any more. What was finished until then is not done again by the next run.
// With `followed` the source's log is followed afterwards, so that tables without a key are read at
// one position, which is stored.
Status RunFullPhase(const Plan& plan, const std::vector<state::TableRecord>& records,
                    const TaskConfig& config, World& world, ProgressBoard& board, bool followed,
                    const Cancellation& cancellation);

// Where rows go that can't be loaded.
std::string DeadLetterDirectory(const TaskConfig& config);

// How many rows a chunk should have: as many as the config says, or so many that a chunk fills a
// few loads.
uint64_t ChunkRows(const Table& table, const TaskLimits& limits);

}  // namespace starlift::sync
