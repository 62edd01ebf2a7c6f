#pragma once

#include <cstdint>
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

// A change that can't be applied without a key.
Error KeylessEditError(const TableId& table);

// Rows that are appended to a table without a key, each exactly once: what the table has applied
// already is told again after a crash, and is left out. Not thread-safe.
class KeylessRows {
 public:
  KeylessRows(const ChangePlan& plan, AppliedMark applied);

  // The next inserted row of the transaction that is being told. `current`: its number.
  void Insert(const ChangeRow& row, uint64_t current);
  // The next row that is updated or deleted instead. False if that matters: the change isn't in
  // yet.
  bool SkipEdit(uint64_t current);
  // The transaction, of which rows were added, is committed. kConflict if the transaction that the
  // table has applied doesn't come.
  Status Commit(const TableId& table, const CommitPoint& point, uint64_t number, uint64_t ordinal,
                ChangeLog& log);

  // Rows that are to be loaded.
  bool empty() const { return rows_ == 0; }
  uint64_t rows() const { return rows_; }
  uint64_t bytes() const { return bytes_; }

  struct Cut {
    ChangeSet set;
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
  // True if the next row is left out.
  bool Skip(uint64_t current);
  static void Append(std::vector<RowBlock>& blocks, const ChangeRow& row, size_t columns);
  void KeepTail(uint64_t skip);

  const ChangePlan& plan_;
  Phase phase_ = Phase::kLive;
  uint64_t skip_ = 0;  // rows of the next transaction that are in
  NumberedMark stored_;
  NumberedMark told_;
  std::vector<RowBlock> blocks_;
  std::vector<RowBlock> tail_;  // kSnapshot: of the open transaction
  bool tail_is_edited_ = false;
  uint64_t rows_ = 0, bytes_ = 0;
};

}  // namespace starlift::load
