#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "data/change.h"

namespace starlift::load {

// What a table without a key has applied beyond the checkpoint: after a crash the stream tells it
// again, and it must not be loaded twice. All empty: nothing.
struct AppliedMark {
  // The rows were read as they were at this position: transactions up to it are in.
  Position snapshot;
  // The last transaction of this table that is in as a whole: its resume position, and the how
  // manieth commit with that same position it was since the checkpoint.
  Position commit;
  uint64_t ordinal = 0;
  // So many changes of this table's next transaction are in, too.
  uint64_t rows = 0;

  bool empty() const { return snapshot.empty() && commit.empty() && rows == 0; }
};

// As text for the store: empty for an empty mark.
std::string PrintMark(const AppliedMark& mark);
Result<AppliedMark> ParseMark(std::string_view text);

}  // namespace starlift::load
