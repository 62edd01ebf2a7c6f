#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "load/changes/change_letters.h"
#include "load/changes/change_origin.h"
#include "load/changes/change_plan.h"
#include "load/changes/pending_rows.h"
#include "mapping/table_mapping.h"

namespace starlift::load {

// A source table whose rows land in a target table.
struct ChangeSource {
  std::shared_ptr<const mapping::TableMapping> mapping;
  int64_t record = 0;
};

// Keys (ChangePlan::key, as KeyBytes) that have no row at the target although the source has one:
// their last state went to the dead letters. A change of some of their columns has no row to go to.
using MissingRows = std::set<std::string>;

// What one load of a table with a key leaves out. A row that the target can't take goes to the dead
// letters, and its key is taken away at the target: an older state of it must not pass for its
// present one. Used by one thread at a time.
class LoadRefusals {
 public:
  // `missing` is the table's: only its load in flight touches it. All must outlive this.
  LoadRefusals(ChangeLetters& letters, const ChangePlan& plan, int64_t owner, MissingRows& missing,
               std::vector<ChangeSource> sources)
      : letters_(letters),
        plan_(plan),
        owner_(owner),
        missing_(missing),
        sources_(std::move(sources)),
        allowed_(letters.allowed()) {}

  const ChangePlan& plan() const { return plan_; }
  // False: the first row that is refused is an error. Bodies needn't know their rows' keys then.
  bool allowed() const { return allowed_; }

  // Before a set is encoded: rows that come back, and changes of those that aren't there.
  Status SettleMissingRows(ChangeSet& set);

  // A row of a set, which lies by one of the plan's encode plans, can't be written. kPolicy if it
  // may not be left out.
  Status RefuseRow(const starrocks::EncodePlan& plan, const RowBatch& rows, size_t row,
                   bool key_at_fault, std::string_view reason);

  // A row of a body was refused by the target. `keys` are the body's (change_load.h).
  struct BodyRow {
    const starrocks::EncodePlan* plan = nullptr;
    starrocks::LoadFormat format = starrocks::LoadFormat::kCsv;
    std::string_view text;  // without its end
    const RowBatch* keys = nullptr;
    uint32_t number = 0;
  };
  Status RefuseBodyRow(const BodyRow& row, std::string_view reason);

  // The target refused even to take a refused key away: whether it is there isn't known.
  void RefuseDelete(const RowBatch& keys, uint32_t row);

  // Rows, in the plan's layout, that take the refused keys away; empty: none.
  RowBatch TakeDeletes();
  LeftOut TakeLeftOut() {
    letter_of_key_.clear();
    return std::exchange(left_out_, {});
  }

 private:
  struct Refusal;
  using DescribeLetter = std::function<std::string(const ChangeLetterOrigin&)>;

  const ChangeSource& SourceOf(const ChangeOrigin& origin) const;
  Status Leave(const Refusal& refusal, const std::function<std::string()>& brief,
               const DescribeLetter& describe);
  void SetMissing(const ChangeOrigin& origin, std::string key, bool missing);
  // The refused row's key is to be taken away; `part` gives the bytes of the plan's key()[i].
  template <typename KeyPart>
  void TakeAway(const ChangeOrigin& origin, const KeyPart& part);

  ChangeLetters& letters_;
  const ChangePlan& plan_;
  const int64_t owner_;
  MissingRows& missing_;
  const std::vector<ChangeSource> sources_;
  const bool allowed_;
  LeftOut left_out_;
  std::map<std::string, size_t> letter_of_key_;  // in left_out_
  MissingRows gone_;                             // that the source has deleted, too
  std::unique_ptr<RowBatch> deletes_;
};

// How a row of a body is found again: its key's cells, its origin, and whether it deletes.
class BodyKeys {
 public:
  explicit BodyKeys(const ChangePlan& plan) : plan_(plan), rows_(plan.key().size() + 2) {}
  void Add(const RowBatch& from, size_t row);
  const RowBatch& rows() const { return rows_; }

 private:
  const ChangePlan& plan_;
  RowBatch rows_;
};

}  // namespace starlift::load
