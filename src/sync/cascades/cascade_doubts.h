#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "base/result.h"
#include "state/store.h"
#include "sync/cascades/cascade_window.h"

namespace starlift::sync {

// The rows that an open window remembers, in the state: told once more after a stop, the log
// doesn't lead to them again, as they are gone at the target already. Of the stream's thread.
class CascadeDoubts {
 public:
  CascadeDoubts(state::StateStore& store, int64_t task) : store_(store), task_(task) {}

  // What earlier runs have left.
  Result<CascadeWindow::Rows> Read();
  // Before anything is done to the rows.
  Status Note(const std::vector<CascadeWindow::Row>& rows);
  // They are as at the source.
  Status Forget();

 private:
  state::StateStore& store_;
  const int64_t task_;
  bool any_ = false;
};

}  // namespace starlift::sync
