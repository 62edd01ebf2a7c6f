#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/cancellation.h"
#include "base/result.h"
#include "data/table.h"
#include "sync/plan/preparation.h"
#include "sync/retry.h"
#include "sync/run/world.h"

namespace starlift::sync {

// Where the stream of a task begins, and what the tables were like there. Stored before the first
// row of the full load is read, so that whatever changes meanwhile is told by the stream:
//
//   catalog A · log's head P · catalog B    A = B: these definitions hold at P; else once more
//
// Rows with a key are upserted twice, once by the load and once by the stream, and end as the
// stream's last word says. Tables without a key are read at a position of their own (full_phase).

// The catalog that holds at the task's checkpoint; nullopt before the first.
Result<std::optional<Catalog>> ReadCheckpointCatalog(state::StateStore& store, int64_t task);

// True if nothing of the tables' definitions differs; estimates don't count.
bool SameDefinitions(const Catalog& a, const Catalog& b);

// Reads the log's head for a catalog that was read before it. nullopt: a table changed meanwhile,
// read the catalog again.
Result<std::optional<Position>> FindStart(const Catalog& before, Source& source,
                                          const TableFilter& filter);

// Stores the start, before anything is loaded.
Status StoreStart(state::StateStore& store, int64_t task, const Position& position,
                  const Plan& plan);

// The rows of these tables (records) were read by the head of the log as it is now: a schema change
// before that may be in them already.
Status StoreReadEnd(const std::vector<int64_t>& tables, Source& source, state::StateStore& store,
                    const RetryPolicy& retry);

}  // namespace starlift::sync
