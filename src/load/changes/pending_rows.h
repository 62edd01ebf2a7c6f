#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "data/row_batch.h"
#include "load/changes/change_origin.h"
#include "load/changes/change_plan.h"

namespace starlift::load {

// What is to be done with a row of a RowBlock.
using RowShape = uint16_t;
inline constexpr RowShape kUpsertRow = 0;
inline constexpr RowShape kDeleteRow = 1;
// The source has a row of this key whose state isn't known as a whole: none may be at the target.
inline constexpr RowShape kLostRow = 2;
inline constexpr RowShape kFirstPartialRow = 3;   // ChangeSet::partial_columns[shape - this]
inline constexpr RowShape kDeadRow = UINT16_MAX;  // a later change took its place

constexpr bool DeletesRow(RowShape shape) { return shape == kDeleteRow || shape == kLostRow; }

// Rows in the layout of a ChangePlan, with the shape of each.
struct RowBlock {
  explicit RowBlock(size_t columns) : rows(columns) {}
  RowBatch rows;
  std::vector<RowShape> shapes;
};

// The last state of every key that was changed, each key once.
struct ChangeSet {
  std::vector<RowBlock> blocks;
  std::vector<ColumnSet> partial_columns;
  uint64_t rows = 0;     // without the dead
  uint64_t deletes = 0;  // and lost ones
  uint64_t lost = 0;
  uint64_t changes = 0;  // that made them
  uint64_t bytes = 0;
};

// A row of a change as the log has it, seen through the table's projection.
struct ChangeRow {
  const RowBatch* rows = nullptr;
  const Cell* cells = nullptr;
  std::span<const uint32_t> projection;

  const Cell& cell(size_t column) const { return cells[projection[column]]; }
  std::string_view bytes(size_t column) const { return rows->Bytes(cell(column)); }
};

// Changes of one target table on their way: whatever the log does to a row, only its last state is
// kept, found by the bytes of its key as they are at the target. Not thread-safe. Allocates nothing
// per row.
class PendingRows {
 public:
  explicit PendingRows(const ChangePlan& plan);

  // What is told from now on comes from there.
  void SetOrigin(ChangeOrigin origin) { origin_ = origin.Pack(); }

  void Upsert(const ChangeRow& row);
  // The key alone matters.
  void Delete(const ChangeRow& row);
  // The row becomes `after`; of its columns only those of `present` are told (empty: all), the
  // key's are taken from `before` where they are missing. A changed key moves the row. kPolicy, and
  // nothing done, where not all of the row's columns are known and they would have to be: its key
  // changed, or no state of it is there that could be changed.
  Status Update(const ChangeRow& before, const ChangeRow& after, const ColumnSet& present);
  // Such an update is left out: neither the row's old state nor a part of the new one stays.
  void Lose(const ChangeRow& before, const ChangeRow& after, const ColumnSet& present);

  bool empty() const { return set_.changes == 0; }
  uint64_t rows() const { return set_.rows; }
  uint64_t bytes() const { return bytes_; }
  uint64_t changes() const { return set_.changes; }

  // Takes all out.
  ChangeSet Take();

 private:
  // Where a key's row lies, by the hash of the key; open addressing, a power of two of slots.
  struct Slot {
    static constexpr uint32_t kEmpty = UINT32_MAX;
    uint32_t hash = 0;
    uint32_t block = kEmpty;
    uint32_t row = 0;
  };

  uint32_t HashKey(const ChangeRow& row) const;
  bool HasKey(const Slot& slot, const ChangeRow& row) const;
  Slot& FindSlot(const ChangeRow& row, uint32_t hash);
  void GrowIndex();
  // Writes the row that takes the place of the key's earlier one; `cell_of` (column → Cell) gives
  // cells of `from`.
  template <typename CellOf>
  void Store(const ChangeRow& key, RowShape shape, const RowBatch& from, const CellOf& cell_of);
  RowBlock& Room();
  bool KeysDiffer(const ChangeRow& before, const ChangeRow& after, const ColumnSet& present) const;
  Status UpdatePartly(const ChangeRow& before, const ChangeRow& after, const ColumnSet& present);
  RowShape ShapeOf(const ColumnSet& present);
  void CompactIfWorthIt();

  const ChangePlan& plan_;
  ChangeSet set_;
  std::vector<Slot> index_;
  size_t used_slots_ = 0;
  uint64_t bytes_ = 0;
  uint64_t dead_rows_ = 0;
  Cell origin_ = ChangeOrigin{}.Pack();
  RowBatch scratch_;  // one row that is put together
};

}  // namespace starlift::load
