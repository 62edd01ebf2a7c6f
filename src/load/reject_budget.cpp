#include "load/reject_budget.h"

#include <utility>

#include <fmt/format.h>

namespace starlift::load {

Error RejectedRowError(const RejectBudget& budget, std::string_view reason, std::string where,
                       std::string_view file) {
  const uint64_t allowed = budget.max_errors();
  if (allowed == 0) {
    return Error{ErrorKind::kPolicy, fmt::format("the target can't take a row: {}", reason),
                 std::move(where)}
        .Mend(
            "correct the row at the source or change the column's rule, or let such rows go to "
            "the dead-letter file with --max-errors");
  }
  return Error{ErrorKind::kPolicy,
               fmt::format("more than {} rows can't be taken by the target; the last one: {}",
                           allowed, reason),
               std::move(where)}
      .Mend(fmt::format("see {}; raise --max-errors if these rows may be left out", file));
}

}  // namespace starlift::load
