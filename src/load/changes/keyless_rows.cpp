#include "load/changes/keyless_rows.h"

#include <utility>

#include <fmt/format.h>

namespace starlift::load {
namespace {

constexpr size_t kBlockBytes = size_t{1} << 20;

}  // namespace

KeylessRows::KeylessRows(const ChangePlan& plan, AppliedMark applied) : plan_(plan) {
  if (!applied.commit.empty()) {
    phase_ = Phase::kAwaitCommit;
  } else if (!applied.snapshot.empty()) {
    phase_ = Phase::kSnapshot;
  }
  skip_ = applied.rows;
  told_.mark.snapshot = applied.snapshot;
  stored_.mark = std::move(applied);
}

bool KeylessRows::Skip(uint64_t current) {
  if (phase_ == Phase::kAwaitCommit) return true;
  ++told_.mark.rows;
  told_.partial = current;
  if (phase_ == Phase::kSnapshot || skip_ == 0) return false;
  --skip_;
  stored_.partial = current;
  return true;
}

void KeylessRows::Insert(const ChangeRow& row, uint64_t current) {
  if (Skip(current)) return;
  if (phase_ == Phase::kSnapshot) {
    Append(tail_, row, plan_.columns());
    return;
  }
  const size_t blocks = blocks_.size();
  const uint64_t before = blocks_.empty() ? 0 : blocks_.back().rows.byte_size();
  Append(blocks_, row, plan_.columns());
  ++rows_;
  bytes_ += blocks_.back().rows.byte_size() - (blocks == blocks_.size() ? before : 0);
}

bool KeylessRows::SkipEdit(uint64_t current) {
  if (Skip(current)) return true;
  tail_is_edited_ = phase_ == Phase::kSnapshot;
  return tail_is_edited_;  // the commit tells whether it matters
}

Error KeylessEditError(const TableId& table) {
  return Error{ErrorKind::kPolicy,
               fmt::format("a row of {} was updated or deleted, and the table has no key by which "
                           "it can be found at the target",
                           table.ToString())}
      .Mend(
          "give the table a primary key, or leave it out with --exclude-tables, then begin anew: "
          "--fresh --existing truncate");
}

void KeylessRows::Append(std::vector<RowBlock>& blocks, const ChangeRow& row, size_t columns) {
  if (blocks.empty() || blocks.back().rows.byte_size() >= kBlockBytes) {
    blocks.emplace_back(columns);
  }
  RowBlock& block = blocks.back();
  for (size_t column = 0; column < columns; ++column) {
    if (row.cell(column).is_null()) {
      block.rows.AppendNull();
    } else {
      block.rows.AppendCopy(row.bytes(column));
    }
  }
  block.shapes.push_back(kUpsertRow);
}

Status KeylessRows::Commit(const TableId& table, const CommitPoint& point, uint64_t number,
                           uint64_t ordinal, ChangeLog& log) {
  const AppliedMark& stored = stored_.mark;
  if (phase_ == Phase::kAwaitCommit) {
    if (point.resume == stored.commit && ordinal == stored.ordinal) {
      phase_ = Phase::kLive;
      stored_.commit = number;
    } else {
      SL_ASSIGN(const bool passed, log.Covers(point.resume, stored.commit));
      if (!passed || point.resume == stored.commit) return {};
      return Error{ErrorKind::kConflict,
                   fmt::format("the log doesn't tell the transaction at {} again, which is in the "
                               "table already",
                               stored.commit)}
          .Mend(
              "was the log purged or the source changed? Begin anew: --fresh --existing "
              "truncate");
    }
  } else if (phase_ == Phase::kSnapshot) {
    SL_ASSIGN(const bool inside, log.Covers(stored.snapshot, point.resume));
    if (!inside && tail_is_edited_) return KeylessEditError(table);
    tail_is_edited_ = false;
    if (inside) {
      tail_.clear();
      told_.mark.rows = 0;
      told_.partial = 0;
      return {};
    }
    phase_ = Phase::kLive;
    stored_.commit = number - 1;
    if (skip_ > 0) stored_.partial = number;
    KeepTail(std::exchange(skip_, 0));
  }
  told_ = {{.snapshot = "", .commit = point.resume, .ordinal = ordinal, .rows = 0}, number, 0};
  return {};
}

void KeylessRows::KeepTail(uint64_t skip) {
  std::vector<uint32_t> in_order(plan_.columns());
  for (uint32_t i = 0; i < in_order.size(); ++i) in_order[i] = i;
  for (const RowBlock& block : tail_) {
    for (size_t row = 0; row < block.shapes.size(); ++row) {
      if (skip > 0) {
        --skip;
        continue;
      }
      Append(blocks_, {&block.rows, block.rows.Row(row), in_order}, plan_.columns());
      ++rows_;
    }
  }
  tail_.clear();
  bytes_ = 0;
  for (const RowBlock& block : blocks_) bytes_ += block.rows.byte_size();
}

KeylessRows::Cut KeylessRows::Take() {
  Cut cut;
  cut.set.blocks = std::exchange(blocks_, {});
  cut.set.rows = cut.set.changes = std::exchange(rows_, 0);
  cut.set.bytes = std::exchange(bytes_, 0);
  cut.mark = told_;
  return cut;
}

}  // namespace starlift::load
