#pragma once

#include <functional>
#include <memory>

#include "base/clock.h"
#include "base/random.h"
#include "sources/source.h"
#include "starrocks/load_target.h"
#include "starrocks/row_editor.h"
#include "state/store.h"
#include "sync/target_catalog.h"

namespace starlift::sync {

// Everything outside of the engine that a run touches. A simulation puts its own in each place. All
// of it must outlive the run.
struct World {
  Source& source;
  // A connection to the target's SQL side of its own for each thread that asks.
  std::function<std::unique_ptr<TargetCatalog>()> open_target;
  starrocks::LoadTarget& loads;
  // Ends the loads in flight at once; they are in doubt then, and the next run asks for them.
  std::function<void()> interrupt_loads;
  state::StateStore& store;
  Clock& clock;
  Random& random;
  // The target's rows by SQL; null: rows without a key can't be updated and deleted.
  starrocks::RowEditor* rows = nullptr;
};

}  // namespace starlift::sync
