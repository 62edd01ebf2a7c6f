#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "data/table.h"
#include "mapping/table_rules.h"

namespace starlift::mapping {

// A table's rule, with its templates filled in.
struct RuleMatch {
  const TableRule* rule = nullptr;  // null: no rule takes the table
  std::string target_database;      // empty: not said
  std::string target_table;         // empty: not said
};

// The rules of a task with their expressions compiled. Thread-safe once made; `rules` must outlive
// it.
class RuleMatcher {
 public:
  static Result<RuleMatcher> Compile(const std::vector<TableRule>& rules);
  ~RuleMatcher();
  RuleMatcher(RuleMatcher&&) noexcept;
  RuleMatcher& operator=(RuleMatcher&&) noexcept;

  RuleMatch Match(const TableId& table) const;

 private:
  struct State;
  explicit RuleMatcher(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace starlift::mapping
