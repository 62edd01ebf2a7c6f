#pragma once

#include <cstdint>
#include <vector>

#include "base/result.h"
#include "data/table.h"
#include "state/store.h"

// Keys that have no row at the target although the source has one (state: missing rows), where
// tables are loaded as a whole. Called while nothing of them is in flight.
namespace starlift::sync {

// Rows of `source` were loaded as `load` tells: those of before are there, and those that it left
// out aren't.
Status SettleLoadedRows(state::StateStore& store, int64_t task, const state::TableRecord& source,
                        const state::TableRecord& load);

// The rows of one table are another's from now on, by a rename at the source.
Status PassOnMissingRows(state::StateStore& store, int64_t task, const state::TableRecord& from,
                         const state::TableRecord& to);

}  // namespace starlift::sync
