#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "data/change.h"
#include "data/row_batch.h"
#include "mapping/table_mapping.h"
#include "starrocks/encode_plan.h"

namespace starlift::load {

// Which of the target's columns a change tells of; empty: all of them.
using ColumnSet = std::vector<bool>;

// How changes of one target table lie in memory and become load bodies: rows have the target's
// columns in the target's order and, after them, one for `__op` and one for where the row came
// from. Immutable but for the partial plans; thread-safe.
class ChangePlan {
 public:
  static constexpr std::string_view kUpsert = "0";
  static constexpr std::string_view kDelete = "1";

  explicit ChangePlan(const mapping::TableMapping& mapping);

  size_t columns() const { return upserts_.columns.size(); }
  size_t op_column() const { return columns(); }
  size_t origin_column() const { return columns() + 1; }  // ChangeOrigin
  size_t row_cells() const { return columns() + 2; }
  // The target's key, in the target's order.
  const std::vector<uint32_t>& key() const { return key_; }
  // Appends the columns of a row of which only the key matters; `part` gives the bytes of key()[i].
  template <typename KeyPart>
  void AppendKeyOnly(RowBatch& to, const KeyPart& part) const {
    size_t next = 0;
    for (size_t column = 0; column < columns(); ++column) {
      if (next < key_.size() && key_[next] == column) {
        to.AppendCopy(part(next++));
      } else if (fillers_[column]) {
        to.AppendCopy(*fillers_[column]);
      } else {
        to.AppendNull();
      }
    }
  }

  // Of bodies that only upsert, and of those that also delete.
  const starrocks::EncodePlan& upserts() const { return upserts_; }
  const starrocks::EncodePlan& with_op() const { return with_op_; }
  // Of partial updates of these columns, which include the key. Lives as long as this.
  const starrocks::EncodePlan& Partial(const ColumnSet& present) const;

  // Whether rows planned by the other land in the same bytes: shards of one target table.
  bool Matches(const ChangePlan& other) const;

 private:
  std::vector<uint32_t> key_;
  // What a deleted row has in a column that may not be NULL, whatever its value was: the target
  // checks that before it sees that the row goes.
  std::vector<std::optional<std::string>> fillers_;
  starrocks::EncodePlan upserts_;
  starrocks::EncodePlan with_op_;
  mutable std::mutex partial_mutex_;
  mutable std::map<ColumnSet, std::unique_ptr<starrocks::EncodePlan>> partial_;
};

// Where a table version has the columns of the plan: places in the version's rows, by the columns'
// names. kConflict if a column is missing.
Result<std::vector<uint32_t>> ProjectColumns(const mapping::TableMapping& mapping,
                                             const Table& version);

}  // namespace starlift::load
