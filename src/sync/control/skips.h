#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace starlift::sync {

// `starlift skip TASK N`: of the changes to come that can't be applied, the next N are left out and
// written to the dead letters. N takes the place of what is left of an earlier one; 0 takes it
// back.

// kUsage for what is no such number.
Result<uint64_t> ParseSkips(const std::string& text);

// What the user is told.
std::string DescribeSkips(uint64_t skips);

// For a task that doesn't run; the next run leaves them out. kConflict if it does run, kNotFound if
// the home knows no such task.
Status StoreSkips(const std::string& home, std::string_view identity, uint64_t skips);

}  // namespace starlift::sync
