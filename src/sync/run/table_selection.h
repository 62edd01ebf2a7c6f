#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "base/result.h"
#include "data/table.h"
#include "sources/source.h"
#include "state/store.h"
#include "sync/config/task_config.h"

namespace starlift::sync {

// Which source tables a task is about: those that its patterns take, but for what the user said of
// single tables by name (add-table, drop-table). As the state says it at one moment; plain data,
// cheap to copy into a filter.
class TableSelection {
 public:
  // `task`: its record in the state, 0 for one that has none yet.
  static Result<TableSelection> Read(const TaskConfig& config, state::StateStore& store,
                                     int64_t task);

  // In the task, or on its way into it.
  bool Takes(const TableId& table) const;
  bool IsOnItsWay(const TableId& table) const { return on_their_way_.contains(table); }
  // Takes it, and it isn't on its way: what the task itself loads and follows.
  bool IsOwn(const TableId& table) const { return Takes(table) && !IsOnItsWay(table); }

  TableFilter own_filter() const {
    return [copy = *this](const TableId& table) { return copy.IsOwn(table); };
  }

 private:
  TableFilter patterns_;
  std::map<TableId, state::TableChoice> choices_;
  std::set<TableId> on_their_way_;
};

// The patterns of a config as text for the state, so that the next run can see which tables are
// newly taken.
std::string PrintPatterns(const TaskConfig& config);
// The filter of such a text. kData for any other.
Result<TableFilter> ParsePatterns(const std::string& text);
// The source's database in such a text; empty: all of them, or no such text.
std::string DatabaseOfPatterns(const std::string& text);

// The tables that the task of this config has by now, for those who look at it from outside: as the
// state in its home says. With other patterns than the task's, or without a state: what they take.
Result<TableFilter> ReadTaskFilter(const TaskConfig& config);

// Takes these tables.
TableFilter MakeNameFilter(const std::vector<TableId>& tables);

}  // namespace starlift::sync
