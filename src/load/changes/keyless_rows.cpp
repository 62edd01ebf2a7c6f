#include "load/changes/keyless_rows.h"

#include <numeric>
#include <utility>

#include <fmt/format.h>

namespace starlift::load {
namespace {

constexpr size_t kBlockBytes = size_t{1} << 20;

}  // namespace

KeylessRows::KeylessRows(const ChangePlan& plan, AppliedMark applied, std::optional<Error> refusal)
    : plan_(plan), refusal_(std::move(refusal)), scratch_(plan.columns()) {
  if (!applied.commit.empty()) {
    phase_ = Phase::kAwaitCommit;
  } else if (!applied.snapshot.empty()) {
    phase_ = Phase::kSnapshot;
  }
  skip_ = applied.rows;
  told_.mark.snapshot = applied.snapshot;
  stored_.mark = std::move(applied);
}

Error KeylessEditError(const TableId& table, std::string_view why, std::string_view mend) {
  return Error{ErrorKind::kPolicy,
               fmt::format("a row of {}, which has no key, was updated or deleted, and {}",
                           table.ToString(), why)}
      .Mend(std::string(mend));
}

// All that the snapshot holds was told: what comes now is beyond it.
Status KeylessRows::Begin(const Position& told_up_to, uint64_t current, ChangeLog& log) {
  if (phase_ != Phase::kSnapshot) return {};
  SL_ASSIGN(const bool beyond, log.Covers(told_up_to, stored_.mark.snapshot));
  if (beyond) PassSnapshot(current);
  return {};
}

void KeylessRows::PassSnapshot(uint64_t current) {
  phase_ = Phase::kLive;
  stored_.commit = told_.commit = current - 1;
  if (skip_ > 0) stored_.partial = current;
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
  if (!Skip(current)) Keep(row, kUpsertRow);
}

Status KeylessRows::CheckEdit() {
  if (!refusal_) return {};
  if (phase_ != Phase::kSnapshot) return *refusal_;
  tail_is_edited_ = true;
  return {};
}

Status KeylessRows::Delete(const ChangeRow& before, uint64_t current) {
  if (Skip(current)) return {};
  SL_TRY(CheckEdit());
  Keep(before, kDeleteRow);
  return {};
}

Status KeylessRows::Update(const ChangeRow& before, const ChangeRow& after,
                           const ColumnSet& present, uint64_t current) {
  if (Skip(current)) return {};
  SL_TRY(CheckEdit());
  Keep(before, kDeleteRow);
  if (present.empty()) {
    Keep(after, kReplacingRow);
    return {};
  }
  scratch_.Clear();
  for (size_t column = 0; column < plan_.columns(); ++column) {
    const ChangeRow& from = present[column] ? after : before;
    if (from.cell(column).is_null()) {
      scratch_.AppendNull();
    } else {
      scratch_.AppendCopy(from.bytes(column));
    }
  }
  std::vector<uint32_t> in_order(plan_.columns());
  std::iota(in_order.begin(), in_order.end(), 0U);
  Keep({&scratch_, scratch_.Row(0), in_order}, kReplacingRow);
  return {};
}

namespace {

void Append(std::vector<RowBlock>& blocks, const ChangeRow& row, RowShape shape, size_t columns) {
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
  block.shapes.push_back(shape);
}

}  // namespace

// What a transaction that may be in the snapshot tells waits for its commit.
void KeylessRows::Keep(const ChangeRow& row, RowShape shape) {
  if (phase_ == Phase::kSnapshot) {
    Append(tail_, row, shape, plan_.columns());
    return;
  }
  const size_t blocks = blocks_.size();
  const uint64_t before = blocks_.empty() ? 0 : blocks_.back().rows.byte_size();
  Append(blocks_, row, shape, plan_.columns());
  ++rows_;
  if (shape == kDeleteRow) ++deletes_;
  bytes_ += blocks_.back().rows.byte_size() - (blocks == blocks_.size() ? before : 0);
}

Status KeylessRows::Commit(const CommitPoint& point, uint64_t number, uint64_t ordinal,
                           ChangeLog& log) {
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
    if (!inside && tail_is_edited_) return *refusal_;
    tail_is_edited_ = false;
    if (inside) {
      tail_.clear();
      told_.mark.rows = 0;
      told_.partial = 0;
      return {};
    }
    PassSnapshot(number);
    KeepTail(std::exchange(skip_, 0));
  }
  told_ = {{.snapshot = "", .commit = point.resume, .ordinal = ordinal, .rows = 0}, number, 0};
  return {};
}

// The first `skip` changes are in: a row that replaces another shares its change.
void KeylessRows::KeepTail(uint64_t skip) {
  std::vector<uint32_t> in_order(plan_.columns());
  std::iota(in_order.begin(), in_order.end(), 0U);
  const std::vector<RowBlock> tail = std::exchange(tail_, {});
  bool is_in = false;
  for (const RowBlock& block : tail) {
    for (size_t row = 0; row < block.shapes.size(); ++row) {
      const RowShape shape = block.shapes[row];
      if (shape != kReplacingRow) {
        is_in = skip > 0;
        if (is_in) --skip;
      }
      if (!is_in) Keep({&block.rows, block.rows.Row(row), in_order}, shape);
    }
  }
}

KeylessRows::Cut KeylessRows::Take() {
  Cut cut;
  cut.set.blocks = std::exchange(blocks_, {});
  cut.set.rows = cut.set.changes = std::exchange(rows_, 0);
  cut.set.deletes = std::exchange(deletes_, 0);
  cut.set.bytes = std::exchange(bytes_, 0);
  cut.mark = told_;
  return cut;
}

}  // namespace starlift::load
