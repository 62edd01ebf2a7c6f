#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "mapping/table_mapping.h"
#include "sources/change_stream.h"

namespace starlift::sync {

// The values of some columns of one row, in the source's cell form, or as the target tells them.
using RowTuple = std::vector<std::string>;

// What one change of a parent does to its children.
struct CascadeEffect {
  static constexpr size_t kNoCause = SIZE_MAX;

  size_t key = 0;  // number of the key
  KeyRule rule = KeyRule::kNothing;
  bool deletes = false;
  RowTuple from, to;  // the parent's old and new values; `to`: rule kCascade without `deletes`
  // What led to it, if that was an effect itself (CascadeWindow).
  size_t cause = kNoCause;
};

// Which foreign keys of a task's tables change rows without the log's telling, bound to the columns
// that the tables have at the stream's place. Of the stream's thread.
class CascadeKeys {
 public:
  struct Key {
    CascadingKey facts;
    std::vector<ColumnIndex> parent_columns;  // in the parent's version
    std::vector<ColumnIndex> child_columns;   // in the child's version
    bool in_child_key = false;                // a child column is part of the target's key
    bool overlaps = false;                    // a child column is in another key, too
    // Its parent can go by another key, which the log doesn't tell.
    bool below_another = false;
    // The child and what is below it, as far as it is a parent.
    std::set<TableId> between;

    bool Concerns(const TableId& id) const { return facts.child == id || facts.parent == id; }
  };
  struct FollowedTable {
    std::shared_ptr<const mapping::TableMapping> mapping;
    TableVersion version;           // as the stream tells it
    std::vector<size_t> as_parent;  // numbers of keys
    std::vector<size_t> as_child;

    bool is_related() const { return !as_parent.empty() || !as_child.empty(); }
  };

  // A table that is followed; again where it lands otherwise.
  void AddTable(std::shared_ptr<const mapping::TableMapping> mapping);
  // The keys that hold, of any tables; those whose child is no table of ours don't matter. After
  // the tables. kPolicy for one that can't be followed, with the reason.
  Status Set(const std::vector<CascadingKey>& keys);

  // The tables whose changes must be told in the log's order.
  std::vector<TableId> TablesInOrder() const;
  std::vector<TableId> tables() const;
  const FollowedTable* Find(const TableId& id) const;
  const FollowedTable& At(const TableId& id) const { return tables_.at(id); }
  const std::vector<Key>& all() const { return keys_; }
  // One line for each that is below another.
  std::string PrintBelowOthers() const;

  // What the change does to children. kPolicy where that can't be known.
  Result<std::vector<CascadeEffect>> EffectsOf(const FollowedTable& table, const ChangeBatch& batch,
                                               const RowChange& change) const;
  // The parent's values that the change brings, where it had others or wasn't there.
  struct Arrival {
    size_t key = 0;
    RowTuple tuple;
  };
  std::vector<Arrival> ArrivalsOf(const FollowedTable& table, const ChangeBatch& batch,
                                  const RowChange& change) const;
  // What is told twice must end in the same rows: partial images can't bring back a row.
  Status RequireWholeRows(const FollowedTable& table, const ChangeBatch& batch) const;

  // The definitions after a schema change that is carried over; `mapping`: how the table lands now,
  // null if it is followed no more. False: the keys are others now.
  Result<bool> Follow(const SchemaChange& change,
                      std::shared_ptr<const mapping::TableMapping> mapping);

 private:
  Status BindColumns(Key& key) const;
  void FindTablesBetween(Key& key);
  void FindOverlaps();

  std::map<TableId, FollowedTable> tables_;
  std::vector<Key> keys_;
};

// kPolicy: what the key does can't be followed.
Error CannotFollow(const CascadingKey& key, std::string_view why);

// The values of these columns; nullopt if one is NULL: no child refers to it then.
std::optional<RowTuple> TupleOf(const RowBatch& rows, uint32_t row,
                                const std::vector<ColumnIndex>& columns);

// The plan's column that a source column lands in.
std::optional<uint32_t> FindPlanColumn(const mapping::TableMapping& mapping, std::string_view name);

// The source's name of the plan's column.
const std::string& SourceName(const mapping::TableMapping& mapping,
                              const starrocks::ColumnPlan& column);

}  // namespace starlift::sync
