#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "base/result.h"
#include "data/row_batch.h"
#include "starrocks/encode_plan.h"
#include "starrocks/encoder.h"

namespace starlift::starrocks {

// One row as a load would carry it: the values of EncodePlan::columns, bytes as lower-case hex.
// Views that live until the next row.
using StoredValues = std::span<const std::optional<std::string_view>>;

// What rows of a source become at the target, by the very encoder that loads use: verification
// compares with this, so that every rule of a mapping stands in one place. One thread.
class StoredRowReader {
 public:
  // The plan must outlive it.
  explicit StoredRowReader(const EncodePlan& plan);
  ~StoredRowReader();

  struct Visitor {
    // `row` is the row's number in the batch.
    std::function<Status(uint32_t row, StoredValues values)> take;
    // A row that no load can carry, and why.
    std::function<Status(uint32_t row, std::string why)> refuse;
  };
  Status Read(const RowBatch& batch, const Visitor& visitor);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace starlift::starrocks
