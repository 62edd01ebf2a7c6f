#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "data/checksum.h"
#include "sources/source.h"
#include "starrocks/stored_rows.h"

namespace starlift::sync {

// A value as a load carries it (starrocks/stored_rows.h), or NULL.
using StoredValue = std::optional<std::string>;
// The values of the columns that tell rows apart, in the order of RowShape::key.
using RowKey = std::vector<StoredValue>;

// What a reader of rows does with them. Called from the reader's thread.
struct RowVisitor {
  std::function<Status(starrocks::StoredValues values)> take;
  // A row of the source that no load can carry, and why.
  std::function<Status(const std::string& why)> refuse;
};

// One side of a comparison: the source's rows as they should be stored, or the target's as they
// are. A simulated world puts its own in place. Used by one thread at a time.
class RowSide {
 public:
  virtual ~RowSide() = default;

  // The rows of a range; one without bounds has all rows.
  virtual Status ReadRange(const Chunk& range, const RowVisitor& visitor) = 0;

  // The rows of these keys, and maybe others. A side that can't ask for single rows reads `range`,
  // which holds them.
  virtual Status ReadKeys(const Chunk& range, const std::vector<RowKey>& keys,
                          const RowVisitor& visitor) = 0;

  // Computed by the database; nullopt where it can't.
  virtual Result<std::optional<RowChecksum>> Checksum(const Chunk& range) = 0;

  virtual Result<uint64_t> CountRows() = 0;
};

// Cuts a table into ranges that both sides understand.
class RangeCutter {
 public:
  virtual ~RangeCutter() = default;
  // The range after `previous` (null: the first), or nullopt after the last.
  virtual Result<std::optional<Chunk>> NextRange(const Chunk* previous) = 0;
};

}  // namespace starlift::sync
