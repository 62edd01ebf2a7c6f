#pragma once

#include <set>

#include "base/result.h"
#include "data/table.h"
#include "state/store.h"

namespace starlift::sync {

// A schema change that is being carried over: until the checkpoint passes it, the target table may
// have the old shape or the new one, or another name, and nothing is wrong with that. A crash
// leaves the mark; the next run doesn't compare the table with the definition at its checkpoint and
// doesn't miss it, as the log's first word of the table is that same change, which finishes it.
//
// The mark stands in the table's record in the place of the digest of its full load, which is over
// by then. It names the checkpoint that lies just before the change; beside any other checkpoint it
// means nothing.

// Before anything is changed at the target. `table` is followed by the task.
Status MarkAlteration(state::StateStore& store, int64_t task, const state::TableRecord& table);

// The tables whose change the run before didn't finish.
Result<std::set<TableId>> FindAlterations(state::StateStore& store, int64_t task);

}  // namespace starlift::sync
