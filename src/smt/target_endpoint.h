#pragma once

#include "base/result.h"
#include "smt/model.h"
#include "starrocks/target_config.h"

namespace starlift::smt {

// The StarRocks that a rule's flink.starrocks.* options name: jdbc-url, load-url, username,
// password. kUsage if one of them is missing or can't be read.
Result<starrocks::TargetConfig> TargetOf(const RuleConfig& rule);

}  // namespace starlift::smt
