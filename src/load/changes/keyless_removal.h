#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "load/changes/change_load.h"
#include "load/changes/load_steps.h"
#include "load/environment.h"
#include "starrocks/row_editor.h"

namespace starlift::load {

// Rows that a load takes away from a table without a key, once it is prepared and before it is
// committed. A DELETE may have to take more rows than are to go; the load puts those back.
struct KeylessRemoval {
  std::vector<starrocks::RowCondition> conditions;
  // All rows that the conditions take, as lines of a JSON load, should they have to be put back.
  std::string rows;
  std::string columns;  // header of such a load
  std::string time_zone;
  // The load has rows. Else there is no transaction: the DELETEs are all there is to do.
  bool loads = true;

  bool empty() const { return conditions.empty(); }
};

// As text for the store: empty for an empty removal.
std::string PrintRemoval(const KeylessRemoval& removal);
Result<KeylessRemoval> ParseRemoval(std::string_view text);

// Takes the rows of the conditions away, in steps that never wait; those that are gone already
// don't matter. Once it is done nothing of it can have an effect any more. Used by one thread.
class RowRemover {
 public:
  // `earlier`: DELETEs of an earlier attempt may still be running.
  RowRemover(const LoadEnvironment& environment, const ChangeTarget& target,
             const std::vector<starrocks::RowCondition>& conditions, StepPatience& patience,
             bool earlier);

  // kStepsDone once none of the rows is there.
  Result<NextStep> Step();

 private:
  Result<NextStep> Again(const std::string& what, const Error* error);

  const LoadEnvironment& environment_;
  const ChangeTarget& target_;
  const std::vector<starrocks::RowCondition>& conditions_;
  StepPatience& patience_;
  size_t next_ = 0;
  bool in_doubt_;  // a DELETE may still be running
  std::chrono::milliseconds doubted_since_;
};

}  // namespace starlift::load
