#pragma once

#include "base/cancellation.h"
#include "base/clock.h"
#include "base/random.h"
#include "starrocks/load_target.h"
#include "starrocks/row_editor.h"
#include "state/store.h"

namespace starlift::load {

// All that the loader touches outside itself. Everything must outlive it.
struct LoadEnvironment {
  starrocks::LoadTarget& target;
  state::StateStore& store;
  Clock& clock;
  Random& random;
  const Cancellation& cancellation;
  // Takes rows away from tables without a key; null: nothing can.
  starrocks::RowEditor* rows = nullptr;
};

}  // namespace starlift::load
