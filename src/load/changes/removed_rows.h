#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "load/changes/change_plan.h"
#include "load/changes/pending_rows.h"
#include "starrocks/row_editor.h"
#include "starrocks/stored_rows.h"

namespace starlift::load {

// Rows that are to go from a table without a key: which, how often each, and how a DELETE can name
// them. Rows are equal if all of their columns hold the same value at the target, NULL being one.
// Not thread-safe. The plan must outlive it.
class RemovedRows {
 public:
  using Group = std::vector<uint32_t>;  // numbers of rows

  explicit RemovedRows(const starrocks::EncodePlan& plan) : plan_(&plan) {}

  // One more such row is to go.
  void Add(starrocks::StoredValues row);
  // Counts off one that is to go, if the row is one, and gives its number.
  std::optional<uint32_t> Take(starrocks::StoredValues row);
  // Takes that back.
  void Untake(const Group& taken);
  // None is to go.
  bool empty() const { return left_ == 0; }
  uint64_t left() const { return left_; }
  std::string DescribeFirstLeft() const;

  // The rows that are to go in groups, whose conditions take no row in common.
  std::vector<Group> MakeGroups();
  // Takes at least the group's rows.
  starrocks::RowCondition ConditionOf(const Group& group) const;
  // Two groups in its place, with conditions that take fewer rows and none in common; nullopt if
  // the group's rows differ in nothing that a condition can say.
  std::optional<std::pair<Group, Group>> Split(const Group& group) const;
  uint64_t CountRows(const Group& group) const;

 private:
  struct Row {
    std::vector<std::optional<std::string>> values;  // as a load carries them
    uint64_t left = 0;
  };
  void ChooseColumns();
  const std::string& Canonical(starrocks::StoredValues row);

  const starrocks::EncodePlan* plan_;
  std::vector<Row> rows_;
  std::unordered_map<std::string, uint32_t> by_value_;
  uint64_t left_ = 0;
  std::vector<uint32_t> columns_;  // that conditions speak of
  std::string canonical_;
};

// Takes the rows that go out of the set and counts those that come against them: what is left in
// the set is to be loaded, what is left in the result is at the target.
Result<RemovedRows> TakeRemovedRows(const ChangePlan& plan, ChangeSet& set);

}  // namespace starlift::load
