#pragma once

#include <cstdint>

#include "base/result.h"
#include "load/changes/applier_options.h"
#include "load/environment.h"

namespace starlift::load {

// Finds out what became of the loads of changes that an earlier run left in doubt: when it returns,
// nothing of them can arrive any more. What tables without a key have applied is in the store then.
// kUnreachable after options.retry_for; kConflict where the target has forgotten what can't be
// known otherwise.
Status SettleChangeLoads(const LoadEnvironment& environment, const ApplierOptions& options,
                         int64_t task);

}  // namespace starlift::load
