#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <span>
#include <tuple>
#include <utility>
#include <vector>

#include "load/changes/change_applier.h"
#include "starrocks/row_editor.h"
#include "sync/cascades/cascade_doubts.h"
#include "sync/cascades/cascade_keys.h"
#include "sync/cascades/cascade_window.h"
#include "sync/retry.h"

namespace starlift::sync {

// Does to the rows at the target what foreign keys did to those of the source: finds the children
// of a parent's values, deletes or changes them, and so on for theirs. All that was told before
// must be at the target. Rows far below go first, and are gone before those above them go: after a
// crash the way to them is found again.
//
// The rows that one call touches are held in memory, but for those that go and have nothing below
// them: these are told as they are found. Of the stream's thread.
class CascadeEffects {
 public:
  CascadeEffects(load::ChangeApplier& applier, starrocks::RowEditor* rows, const CascadeKeys& keys,
                 CascadeWindow& window, CascadeDoubts& doubts, const RetryPolicy& retry)
      : applier_(applier),
        rows_(rows),
        keys_(keys),
        window_(window),
        doubts_(doubts),
        retry_(retry) {}

  // Everything is at the target when it returns.
  Status Apply(std::vector<CascadeEffect> effects);

  // The children at the target of these parents' values: the plan's `columns` of each, NULL as
  // nullopt, and the number of the values. After a `begin` rows are given from the first on again.
  using StoredRow = std::vector<std::optional<std::string>>;
  struct Visitor {
    std::function<void()> begin;
    std::function<Status(size_t parent, StoredRow row)> take;
  };
  Status ReadChildren(const CascadeKeys::Key& key, const std::vector<uint32_t>& columns,
                      std::span<const RowTuple> parents, const Visitor& visitor) const;

 private:
  // What is to be told of one table, as if the log had it, and the target's key of each row.
  struct Derived {
    ChangeBatch batch;
    std::vector<RowTuple> keys;
  };
  // What effects do to the rows that are at the target, and what that does to others.
  struct Level {
    std::vector<Derived> changes;
    std::vector<CascadeEffect> next;
  };
  // Children that one of several effects concerns.
  struct Found {
    StoredRow row;
    const CascadeEffect* effect = nullptr;
    size_t cause = CascadeEffect::kNoCause;
  };
  Result<Level> Follow(const std::vector<CascadeEffect>& effects);
  Status FollowSome(size_t number, std::span<const CascadeEffect* const> effects, Level& level);
  Status Derive(size_t number, const std::vector<uint32_t>& columns,
                const std::vector<Found>& found, Level& level);
  Status Tell(std::vector<Derived> changes);
  bool MayTellAtOnce(const CascadeKeys::FollowedTable& child) const;
  Status TellAtOnce(size_t number, const std::vector<uint32_t>& columns, std::vector<Found>& found);
  std::vector<uint32_t> ColumnsToRead(const CascadeKeys::FollowedTable& child,
                                      const CascadeKeys::Key& key) const;

  load::ChangeApplier& applier_;
  starrocks::RowEditor* const rows_;
  const CascadeKeys& keys_;
  CascadeWindow& window_;
  CascadeDoubts& doubts_;
  const RetryPolicy retry_;
  // Of one call.
  bool has_updates_ = false;
  std::set<std::tuple<size_t, bool, RowTuple>> followed_;
  std::set<std::pair<TableId, RowTuple>> deleted_;
};

// The plan's columns that tell rows apart.
std::vector<uint32_t> KeyColumns(const mapping::TableMapping& mapping);

}  // namespace starlift::sync
