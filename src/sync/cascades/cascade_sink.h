#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "load/changes/change_applier.h"
#include "sources/change_stream.h"
#include "sync/cascades/cascade_effects.h"
#include "sync/cascades/cascade_keys.h"
#include "sync/cascades/cascade_rules.h"
#include "sync/cascades/cascade_settling.h"
#include "sync/cascades/cascade_window.h"
#include "sync/retry.h"
#include "sync/run/world.h"

namespace starlift::sync {

// Stands between the stream and the applier and adds what foreign keys did by themselves: a
// parent's delete, or a change of its key, deletes or changes the child rows that are at the target
// then, and so on for their children. Where the source does such things without telling them in its
// log. Tables that no such key concerns go through untouched.
//
// The effects are applied a little later than they are told, many at a time: what a rule does to a
// child row stays right whatever else happens to the row, until a parent of that key comes back, or
// a row comes into a table between parent and grandchild. The checkpoint stays before the first
// that isn't applied.
//
// To be told twice, as after a crash, does no harm but where a parent's values come again; what may
// have gone wrong then is read at the source again, before the checkpoint passes it
// (cascade_window.h).
//
// Of the stream's thread.
class CascadeSink : public ChangeSink {
 public:
  // How a table lands now; null for one that isn't followed.
  using FindMapping = std::function<std::shared_ptr<const mapping::TableMapping>(const TableId&)>;

  CascadeSink(load::ChangeApplier& applier, World& world, int64_t task, FindMapping find_mapping,
              const RetryPolicy& retry);

  // A table that is followed.
  void AddTable(std::shared_ptr<const mapping::TableMapping> mapping) {
    keys_.AddTable(std::move(mapping));
  }
  // Finds out which foreign keys are in force at `checkpoint`. After the tables, before the stream
  // is opened. kPolicy for one that can't be followed, with the reason.
  Status Open(const Position& checkpoint);
  // The tables whose changes must be told in the log's order.
  std::vector<TableId> TablesInOrder() const { return keys_.TablesInOrder(); }

  Status Consume(const ChangeBatch& batch) override;
  Status Consume(const SchemaChange& change) override;
  Status KeepShadow(const TableId& table, const std::optional<ShadowTable>& shadow) override {
    return applier_.KeepShadow(table, shadow);
  }
  Status Commit(const CommitPoint& point) override;
  Status SetForeignKeysInForce(bool in_force) override;
  Status ForeignKeysMayChange(const TableId& table, std::string_view statement) override;

  // After each Read: applies effects that have waited long enough, ends the window once the stream
  // has `reached` its end.
  Status Pump(const Position& reached);
  // Everything that was told has had its effects. The applier may still have to be drained.
  Status Drain();
  // No row at the target is newer than the stream for all that is known here.
  bool settled() const { return !window_.is_open(); }
  // Other foreign keys are in force, and the checkpoint is there: nothing more is taken, all has to
  // be opened anew.
  bool must_reopen() const { return must_reopen_; }

 private:
  bool IsInTheWay(const CascadeKeys::FollowedTable& table,
                  const std::vector<CascadeKeys::Arrival>& arrivals, const ChangeBatch& batch,
                  const RowChange& change) const;
  void NoteTold(const std::vector<ColumnIndex>& key, const ChangeBatch& batch,
                const RowChange& change);
  void NoteArrivals(std::vector<CascadeKeys::Arrival> arrivals);
  void Queue(std::vector<CascadeEffect> effects);
  void MarkUsed(const CascadeKeys::Key& key);
  // Everything before is done by the rules and definitions of now, and the checkpoint is here.
  Status CloseChapter();
  Status ChangeRules();
  Status Apply();
  Status FindEarlyChildren();
  // Reads suspects again; the window goes on to the log's head of then.
  Status Settle();
  // All that is remembered, not only suspects.
  Status SettleAll();
  Status EndWindow();
  void Hold(std::optional<uint64_t>& held);
  void Release(std::optional<uint64_t>& held);

  load::ChangeApplier& applier_;
  World& world_;
  const int64_t task_;
  const FindMapping find_mapping_;
  const RetryPolicy retry_;
  CascadeRules rules_;
  CascadeKeys keys_;
  CascadeWindow window_;
  CascadeDoubts doubts_;
  CascadeEffects effects_;
  CascadeSettling settling_;

  // Statements about foreign keys whose commit hasn't come, and the child of each.
  std::vector<std::pair<TableId, std::string>> statements_;
  bool keys_have_gone_ = false;
  bool must_reopen_ = false;
  Position reached_;        // at the last Pump
  std::set<TableId> used_;  // children whose keys had effects since these were read

  bool in_force_ = true;
  std::vector<CascadeEffect> waiting_;
  std::map<size_t, std::set<RowTuple>> waiting_values_;  // per key, that waiting effects speak of
  std::chrono::milliseconds waiting_since_{0};
  std::optional<uint64_t> held_;  // for what waits

  // While the window is open.
  std::optional<uint64_t> window_held_;  // for what it remembers
  std::chrono::milliseconds window_held_since_{0};
  std::map<size_t, std::set<RowTuple>> arrived_;  // per key: whose early children are to be found
  CascadeWindow::Rows told_;                      // since then
  std::chrono::milliseconds arrived_since_{0};
};

}  // namespace starlift::sync
