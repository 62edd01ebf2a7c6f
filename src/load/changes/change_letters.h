#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "load/changes/applier_options.h"
#include "load/changes/commit_ledger.h"
#include "load/dead_letters.h"
#include "load/reject_budget.h"
#include "state/store.h"

namespace starlift::load {

// A change that is left out, on its way into its table's dead-letter file.
struct ChangeLetter {
  uint64_t transaction = 0;  // as the ledger numbers them in this run
  int64_t record = 0;        // of the source table
  std::string line;          // without its position
  bool skipped = false;      // by `starlift skip`
};

// From this transaction on a key has no row at the target although it has one at the source; or it
// has one again.
struct MissingRowChange {
  uint64_t transaction = 0;
  int64_t table = 0;  // ChangeTarget::owner
  std::string key;
  bool missing = true;
};

// What a load leaves out.
struct LeftOut {
  std::vector<ChangeLetter> letters;
  std::vector<MissingRowChange> missing_rows;
};

// Dead letters of a change stream. A letter counts, in file and state, with the first checkpoint
// that has passed its transaction: what lies behind the checkpoint is told again after a crash, and
// so are its letters. The file is cut back to what counts. Thread-safe, but for what is said to be
// of the stream's thread.
class ChangeLetters {
 public:
  ChangeLetters(const ApplierOptions& options, state::StateStore& store)
      : options_(options), store_(store), budget_(options.max_errors) {}

  // Whether any change may be left out at all.
  bool allowed() const;
  // One more change is left out: true if as one of those that `starlift skip` allows. kPolicy with
  // `reason` and `where` if it may not be.
  Result<bool> Take(int64_t record, std::string_view reason, std::string where);
  // One that only `starlift skip` can allow. False: it may not be left out.
  Result<bool> TakeSkip();
  Status GiveSkipBack();
  // Before the table's pin is lifted.
  void Add(LeftOut left_out);

  // Without those that changes have which were left out before a restart and are told again.
  uint64_t skips_left() const;
  // Of the source table, in all runs, counted yet or not.
  uint64_t CountOf(int64_t record) const;

  // ---- the stream's thread ----

  // What the state knows. Before the first table.
  Status Open(int64_t task);
  // Cuts the file back. Does nothing for a table that is open.
  Status OpenTable(int64_t record);
  // `starlift skip`: so many changes may be left out from now on.
  Status SetSkips(uint64_t skips);

  // Letters up to the transaction `durable` go to their files, and into the checkpoint's update;
  // once that is stored, Counted() is to be called. `ledger` gives the places of the transactions;
  // it has forgotten none beyond the last checkpoint.
  struct Due {
    std::vector<std::pair<ChangeLetter, Position>> letters;
    std::vector<MissingRowChange> missing_rows;
    bool empty() const { return letters.empty() && missing_rows.empty(); }
  };
  Due TakeDue(uint64_t durable, const CommitLedger& ledger);
  Status Write(const Due& due, state::CheckpointUpdate& update);
  void Counted(const state::CheckpointUpdate& update);
  // Of letters that were written without having been added.
  void CountNow(const Due& due, const state::CheckpointUpdate& update);

 private:
  struct Table {
    std::unique_ptr<DeadLetterFile> file;
    uint64_t letters = 0;
  };

  const ApplierOptions& options_;
  state::StateStore& store_;
  RejectBudget budget_;

  mutable std::mutex mutex_;
  std::map<int64_t, Table> tables_;
  LeftOut waiting_;
  // The state has skips_ + skips_used_ as allowed, skips_again_ + skips_used_ as used.
  int64_t task_ = 0;
  uint64_t skips_ = 0;
  uint64_t skips_again_ = 0;  // of skips_: used by earlier runs, for changes that are told again
  uint64_t skips_used_ = 0;   // by this run, not passed by a checkpoint
};

}  // namespace starlift::load
