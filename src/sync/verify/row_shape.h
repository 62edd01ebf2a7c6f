#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "mapping/table_mapping.h"
#include "starrocks/stored_rows.h"
#include "sync/verify/row_side.h"

namespace starlift::sync {

// What verification has to know of a target table's rows. Plain data.
struct RowShape {
  struct Column {
    std::string name;
    starrocks::TargetType type;
  };
  std::vector<Column> columns;  // in the plan's order
  // The columns that tell rows apart: the primary key; without one, all columns whose values a
  // DELETE can name, and several rows may share them then.
  std::vector<size_t> key;
  bool keyless = false;
  // Several source tables land in the table: a key may come from more than one.
  bool shared = false;
};

RowShape MakeRowShape(const mapping::TableMapping& mapping);

// Names a row in 128 bits: which one it is, and what it holds.
struct RowDigest {
  uint64_t key = 0;
  uint64_t row = 0;

  auto operator<=>(const RowDigest&) const = default;
};

// Makes digests over canonical values (docs/reference/canonical-values.md). One thread; allocates
// nothing per row.
class RowDigester {
 public:
  explicit RowDigester(const RowShape& shape) : shape_(shape), ends_(shape.columns.size()) {}

  RowDigest Digest(starrocks::StoredValues values);
  // RowDigest::key of the rows of this key.
  uint64_t DigestKey(const RowKey& key);

 private:
  const RowShape& shape_;
  std::string bytes_;
  std::vector<size_t> ends_;
  std::string key_bytes_;
};

// Whether two values are one to a column of the type.
bool SameValue(const starrocks::TargetType& type, const StoredValue& a, const StoredValue& b);

}  // namespace starlift::sync
