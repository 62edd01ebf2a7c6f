#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "load/changes/change_applier.h"
#include "sources/source.h"
#include "starrocks/row_editor.h"
#include "sync/cascades/cascade_effects.h"
#include "sync/cascades/cascade_keys.h"
#include "sync/cascades/cascade_window.h"
#include "sync/retry.h"
#include "sync/run/world.h"

namespace starlift::sync {

// Mends rows that a window says may be wrong: they are read at the source again. Of the stream's
// thread.
class CascadeSettling {
 public:
  CascadeSettling(load::ChangeApplier& applier, World& world, int64_t task, const CascadeKeys& keys,
                  const CascadeEffects& effects, const RetryPolicy& retry)
      : applier_(applier),
        world_(world),
        task_(task),
        keys_(keys),
        effects_(effects),
        retry_(retry) {}

  // Whether tables were read at the source, one after the other or row by row, and the stream
  // hasn't been seen to pass that: a row in between that was gone already when it was read hides
  // which rows below it went with it. The state remembers.
  Result<bool> AreRowsRead() const;
  Status SetRowsRead(bool read);

  // Children of these parents, which the stream tells to be new: they were there before it told of
  // them. Each is told to `window` unless the stream has told of it since, as `told` says.
  Status FindEarlyChildren(size_t key, const std::set<RowTuple>& parents,
                           const CascadeWindow::Rows& told, CascadeWindow& window) const;
  // Rows below another key that refer to a row that isn't at the target. Each is found once.
  Status FindOrphans(CascadeWindow& window);
  void ForgetOrphans() { seen_.clear(); }

  // What the source has of the rows is upserted, the others go. All is at the target then.
  Status ReadAgain(const CascadeWindow::Rows& rows);

 private:
  Status ReadTable(SnapshotReader& reader, const CascadeKeys::FollowedTable& table,
                   const std::vector<ColumnIndex>& columns, const std::vector<RowTuple>& rows);
  // The columns that the source's table of now has, too.
  Result<std::vector<ColumnIndex>> FindColumnsOfNow(const Table& table) const;

  load::ChangeApplier& applier_;
  World& world_;
  const int64_t task_;
  const CascadeKeys& keys_;
  const CascadeEffects& effects_;
  const RetryPolicy retry_;
  std::set<std::pair<TableId, RowTuple>> seen_;
};

}  // namespace starlift::sync
