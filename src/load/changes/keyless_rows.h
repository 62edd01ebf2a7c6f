#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "data/change.h"
#include "load/changes/applied_mark.h"
#include "load/changes/change_plan.h"
#include "load/changes/pending_rows.h"
#include "sources/change_stream.h"

namespace starlift::load {

// A mark and the transactions it speaks of, as the ledger numbers them in this run.
struct NumberedMark {
  AppliedMark mark;
  uint64_t commit = 0;   // of mark.commit; 0: none, or not known in this run
  uint64_t partial = 0;  // the transaction that mark.rows belong to; 0: none
};

// In blocks of KeylessRows: kUpsertRow is a row that comes, kDeleteRow one that goes, this one
// comes in the place of the row before it.
inline constexpr RowShape kReplacingRow = kFirstPartialRow;

// An update or delete of a row without a key that is not to be applied, and why.
Error KeylessEditError(const TableId& table, std::string_view why, std::string_view mend);

// Rows that come to a table without a key and go from it, each change exactly once: what the table
// has applied already is told again after a crash, and is left out. Not thread-safe.
class KeylessRows {
 public:
  // `refusal`: why rows can't be updated or deleted; nullopt where they can.
  KeylessRows(const ChangePlan& plan, AppliedMark applied, std::optional<Error> refusal);

  // Before the first change of a transaction: where the log was told up to. A transaction beyond
  // the table's snapshot is not kept back until its commit says where it lies: it may be larger
  // than memory.
  Status Begin(const Position& told_up_to, uint64_t current, ChangeLog& log);
  // The next change of the transaction that is being told; `current` is the transaction's number.
  void Insert(const ChangeRow& row, uint64_t current);
  // Of `after` only the columns of `present` are told (empty: all), the others are as before.
  // `before` is whole.
  Status Update(const ChangeRow& before, const ChangeRow& after, const ColumnSet& present,
                uint64_t current);
  Status Delete(const ChangeRow& before, uint64_t current);
  // The last change told, an edit that was refused, isn't told after all: rows may be taken without
  // it. Then it is passed by: it counts as applied, as all before it, which must be.
  void TakeBack() { --told_.mark.rows; }
  void PassBy() {
    ++told_.mark.rows;
    stored_ = told_;
  }
  // The transaction, of which rows were added, is committed. kConflict if the transaction that the
  // table has applied doesn't come.
  Status Commit(const CommitPoint& point, uint64_t number, uint64_t ordinal, ChangeLog& log);

  // Rows that are to be loaded or taken away.
  bool empty() const { return rows_ == 0; }
  uint64_t rows() const { return rows_; }
  uint64_t bytes() const { return bytes_; }

  struct Cut {
    ChangeSet set;      // `deletes`: rows that go
    NumberedMark mark;  // once the set is loaded
  };
  Cut Take();

  // What the store's mark speaks of, once that is known in this run.
  const NumberedMark& stored() const { return stored_; }
  void SetStored(NumberedMark mark) { stored_ = std::move(mark); }
  bool stored_is_known() const { return phase_ == Phase::kLive; }

 private:
  enum class Phase {
    kAwaitCommit,  // until the last transaction that is in has been told again
    kSnapshot,     // until the first transaction after the snapshot
    kLive,
  };
  // True if the next change is left out.
  bool Skip(uint64_t current);
  // Why an edit that isn't left out can't be taken; in a tail the commit tells whether it matters.
  Status CheckEdit();
  void Keep(const ChangeRow& row, RowShape shape);
  // The transaction `current` is the first after the snapshot.
  void PassSnapshot(uint64_t current);
  void KeepTail(uint64_t skip);

  const ChangePlan& plan_;
  const std::optional<Error> refusal_;
  Phase phase_ = Phase::kLive;
  uint64_t skip_ = 0;  // rows of the next transaction that are in
  NumberedMark stored_;
  NumberedMark told_;
  std::vector<RowBlock> blocks_;
  std::vector<RowBlock> tail_;  // kSnapshot: of the open transaction
  bool tail_is_edited_ = false;
  uint64_t rows_ = 0, deletes_ = 0, bytes_ = 0;
  RowBatch scratch_;  // one row that is put together
};

}  // namespace starlift::load
