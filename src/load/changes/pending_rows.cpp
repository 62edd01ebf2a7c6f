#include "load/changes/pending_rows.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include <fmt/format.h>

#include "base/hash.h"

namespace starlift::load {
namespace {

constexpr size_t kBlockBytes = size_t{1} << 20;
constexpr size_t kBlockRows = 1 << 16;
constexpr size_t kFirstSlots = 64;
constexpr uint64_t kCompactFromBytes = uint64_t{4} << 20;

// The arena of every block begins with the values of the op column.
constexpr std::string_view kOps = "01";
constexpr Cell kUpsertCell{0, 1};
constexpr Cell kDeleteCell{1, 1};

}  // namespace

PendingRows::PendingRows(const ChangePlan& plan) : plan_(plan), scratch_(plan.columns()) {}

void PendingRows::Upsert(const ChangeRow& row) {
  ++set_.changes;
  Store(row, kUpsertRow, *row.rows, [&](size_t column) { return row.cell(column); });
}

void PendingRows::Delete(const ChangeRow& row) {
  ++set_.changes;
  scratch_.Clear();
  plan_.AppendKeyOnly(scratch_, [&](size_t part) { return row.bytes(plan_.key()[part]); });
  Store(row, kDeleteRow, scratch_, [&](size_t column) { return scratch_.At(0, column); });
}

Status PendingRows::Update(const ChangeRow& before, const ChangeRow& after,
                           const ColumnSet& present) {
  if (!present.empty()) return UpdatePartly(before, after, present);
  if (KeysDiffer(before, after, present)) Delete(before);
  Upsert(after);
  return {};
}

void PendingRows::Lose(const ChangeRow& before, const ChangeRow& after, const ColumnSet& present) {
  if (KeysDiffer(before, after, present)) Delete(before);
  scratch_.Clear();
  plan_.AppendKeyOnly(scratch_, [&](size_t part) {
    const uint32_t column = plan_.key()[part];
    return present.empty() || present[column] ? after.bytes(column) : before.bytes(column);
  });
  ++set_.changes;
  ++set_.lost;
  std::vector<uint32_t> in_order(plan_.columns());
  std::iota(in_order.begin(), in_order.end(), 0U);
  const ChangeRow key{&scratch_, scratch_.Row(0), in_order};
  Store(key, kLostRow, scratch_, [&](size_t column) { return scratch_.At(0, column); });
}

bool PendingRows::KeysDiffer(const ChangeRow& before, const ChangeRow& after,
                             const ColumnSet& present) const {
  return std::any_of(plan_.key().begin(), plan_.key().end(), [&](uint32_t column) {
    return (present.empty() || present[column]) && before.bytes(column) != after.bytes(column);
  });
}

// Puts the row together from what is known of it: the image, before that the pending row.
Status PendingRows::UpdatePartly(const ChangeRow& before, const ChangeRow& after,
                                 const ColumnSet& present) {
  const bool moves = KeysDiffer(before, after, present);
  const Slot earlier = FindSlot(before, HashKey(before));
  RowShape shape = kDeadRow;
  if (earlier.block != Slot::kEmpty) shape = set_.blocks[earlier.block].shapes[earlier.row];
  const bool whole = shape == kUpsertRow;
  if (DeletesRow(shape)) {
    return Error{ErrorKind::kPolicy,
                 "only some of a row's columns are told, and an earlier state of it is missing"}
        .Mend(
            "set binlog_row_image = FULL at the source, then begin the task anew: --fresh "
            "--existing truncate");
  }
  if (moves && !whole) {
    return Error{ErrorKind::kPolicy,
                 "a row's key changed, and the log doesn't hold all of its columns"}
        .Mend(
            "set binlog_row_image = FULL at the source, then begin the task anew: --fresh "
            "--existing truncate");
  }
  ColumnSet known = present;
  scratch_.Clear();
  for (size_t column = 0; column < plan_.columns(); ++column) {
    const bool in_key =
        std::find(plan_.key().begin(), plan_.key().end(), column) != plan_.key().end();
    const bool in_earlier = whole || (shape >= kFirstPartialRow && shape != kDeadRow &&
                                      set_.partial_columns[shape - kFirstPartialRow][column]);
    const auto append = [&](const RowBatch& rows, const Cell& cell) {
      if (cell.is_null()) {
        scratch_.AppendNull();
      } else {
        scratch_.AppendCopy(rows.Bytes(cell));
      }
    };
    if (present[column]) {
      append(*after.rows, after.cell(column));
    } else if (in_key) {
      known[column] = true;
      append(*before.rows, before.cell(column));
    } else if (in_earlier) {
      known[column] = true;
      const RowBatch& rows = set_.blocks[earlier.block].rows;
      append(rows, rows.At(earlier.row, column));
    } else {
      scratch_.AppendNull();
    }
  }
  ++set_.changes;
  // All columns of the plan are in the row now, so its own cells tell its key.
  std::vector<uint32_t> in_order(plan_.columns());
  std::iota(in_order.begin(), in_order.end(), 0U);
  const ChangeRow merged{&scratch_, scratch_.Row(0), in_order};
  Store(merged, whole ? kUpsertRow : ShapeOf(known), scratch_,
        [&](size_t column) { return scratch_.At(0, column); });
  if (moves) Delete(before);
  return {};
}

RowShape PendingRows::ShapeOf(const ColumnSet& present) {
  auto& sets = set_.partial_columns;
  const auto found = std::find(sets.begin(), sets.end(), present);
  const auto number = static_cast<size_t>(found - sets.begin());
  if (found == sets.end()) sets.push_back(present);
  return static_cast<RowShape>(kFirstPartialRow + number);
}

template <typename CellOf>
void PendingRows::Store(const ChangeRow& key, RowShape shape, const RowBatch& from,
                        const CellOf& cell_of) {
  CompactIfWorthIt();
  if ((used_slots_ + 1) * 2 > index_.size()) GrowIndex();
  const uint32_t hash = HashKey(key);
  Slot& slot = FindSlot(key, hash);
  if (slot.block == Slot::kEmpty) {
    ++used_slots_;
    ++set_.rows;
  } else {
    RowShape& earlier = set_.blocks[slot.block].shapes[slot.row];
    if (DeletesRow(earlier)) --set_.deletes;
    earlier = kDeadRow;
    ++dead_rows_;
  }
  RowBlock& block = Room();
  const size_t bytes_before = block.rows.byte_size();
  for (size_t column = 0; column < plan_.columns(); ++column) {
    const Cell cell = cell_of(column);
    if (cell.is_null()) {
      block.rows.AppendNull();
    } else {
      block.rows.AppendCopy(from.Bytes(cell));
    }
  }
  block.rows.AppendCell(DeletesRow(shape) ? kDeleteCell : kUpsertCell);
  block.rows.AppendCell(origin_);
  block.shapes.push_back(shape);
  if (DeletesRow(shape)) ++set_.deletes;
  slot = {hash, static_cast<uint32_t>(set_.blocks.size() - 1),
          static_cast<uint32_t>(block.shapes.size() - 1)};
  bytes_ += block.rows.byte_size() - bytes_before;
}

RowBlock& PendingRows::Room() {
  if (set_.blocks.empty() || set_.blocks.back().rows.byte_size() >= kBlockBytes ||
      set_.blocks.back().shapes.size() >= kBlockRows) {
    set_.blocks.emplace_back(plan_.row_cells()).rows.arena().Append(kOps);
  }
  return set_.blocks.back();
}

uint32_t PendingRows::HashKey(const ChangeRow& row) const {
  uint64_t hash = 0;
  for (const uint32_t column : plan_.key()) hash = HashBytes(row.bytes(column), hash);
  return static_cast<uint32_t>(hash ^ (hash >> 32));
}

bool PendingRows::HasKey(const Slot& slot, const ChangeRow& row) const {
  const RowBatch& rows = set_.blocks[slot.block].rows;
  return std::all_of(plan_.key().begin(), plan_.key().end(), [&](uint32_t column) {
    return rows.Bytes(rows.At(slot.row, column)) == row.bytes(column);
  });
}

PendingRows::Slot& PendingRows::FindSlot(const ChangeRow& row, uint32_t hash) {
  if (index_.empty()) GrowIndex();
  const size_t mask = index_.size() - 1;
  size_t at = hash & mask;
  while (index_[at].block != Slot::kEmpty &&
         (index_[at].hash != hash || !HasKey(index_[at], row))) {
    at = (at + 1) & mask;
  }
  return index_[at];
}

void PendingRows::GrowIndex() {
  std::vector<Slot> grown(std::max(kFirstSlots, index_.size() * 2));
  const size_t mask = grown.size() - 1;
  for (const Slot& slot : index_) {
    if (slot.block == Slot::kEmpty) continue;
    size_t at = slot.hash & mask;
    while (grown[at].block != Slot::kEmpty) at = (at + 1) & mask;
    grown[at] = slot;
  }
  bytes_ += (grown.size() - index_.size()) * sizeof(Slot);
  index_ = std::move(grown);
}

// Rows that change all the time would leave their dead behind.
void PendingRows::CompactIfWorthIt() {
  if (bytes_ < kCompactFromBytes || dead_rows_ < 2 * set_.rows) return;
  std::vector<RowBlock> old = std::exchange(set_.blocks, {});
  bytes_ = index_.size() * sizeof(Slot);
  for (Slot& slot : index_) {
    if (slot.block == Slot::kEmpty) continue;
    const RowBlock& from = old[slot.block];
    RowBlock& block = Room();
    const size_t bytes_before = block.rows.byte_size();
    for (size_t column = 0; column < plan_.columns(); ++column) {
      const Cell& cell = from.rows.At(slot.row, column);
      if (cell.is_null()) {
        block.rows.AppendNull();
      } else {
        block.rows.AppendCopy(from.rows.Bytes(cell));
      }
    }
    block.rows.AppendCell(from.rows.At(slot.row, plan_.op_column()));
    block.rows.AppendCell(from.rows.At(slot.row, plan_.origin_column()));
    block.shapes.push_back(from.shapes[slot.row]);
    slot.block = static_cast<uint32_t>(set_.blocks.size() - 1);
    slot.row = static_cast<uint32_t>(block.shapes.size() - 1);
    bytes_ += block.rows.byte_size() - bytes_before;
  }
  dead_rows_ = 0;
}

ChangeSet PendingRows::Take() {
  ChangeSet taken = std::exchange(set_, {});
  taken.bytes = bytes_;
  index_ = {};
  used_slots_ = 0;
  bytes_ = 0;
  dead_rows_ = 0;
  return taken;
}

}  // namespace starlift::load
