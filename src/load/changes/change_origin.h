#pragma once

#include <cstdint>

#include "data/row_batch.h"

namespace starlift::load {

// Where a pending row's last change came from. Kept with the row in the cell behind its columns
// (ChangePlan::origin_column), which is no place in the arena then.
struct ChangeOrigin {
  uint64_t transaction = 0;  // as the ledger numbers them in this run; below 2^48
  uint16_t source = 0;       // which of the target table's source tables

  Cell Pack() const {
    return {static_cast<uint32_t>(transaction),
            (static_cast<uint32_t>(transaction >> 32) << 16) | source};
  }
  static ChangeOrigin Unpack(const Cell& cell) {
    return {(uint64_t{cell.size >> 16} << 32) | cell.offset,
            static_cast<uint16_t>(cell.size & UINT16_MAX)};
  }
};

}  // namespace starlift::load
