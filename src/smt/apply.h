#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "smt/model.h"

namespace starlift::smt {

struct ApplyReport {
  size_t made = 0;       // or would be, in a dry run
  size_t fitting = 0;    // there already
  size_t differing = 0;  // there already, and not what we would make
  // A line for each difference of a table that is there, with what mends it.
  std::vector<std::string> lines;
};

// Makes the plan's databases and tables at the StarRocks that each rule names. A table that is
// there is compared and left as it is. Stops at the first statement that is refused; what was made
// stays.
Result<ApplyReport> ApplyPlan(const Plan& plan, Form form, bool dry_run);

}  // namespace starlift::smt
