#pragma once

#include <functional>
#include <set>
#include <string>

#include "data/table.h"
#include "sync/config/task_config.h"
#include "sync/plan/plan.h"
#include "sync/target_catalog.h"

namespace starlift::sync {

// Says whether an earlier run of this task took charge of a target table: then the rows in it are
// ours.
using OwnsTable = std::function<bool(const std::string& database, const std::string& table)>;

// How this task maps tables, as far as the target has a say in it.
Result<mapping::MappingRequest> MakeMappingRequest(const TaskConfig& config, TargetCatalog& target);

// Maps the catalog's tables, looks at what is at the target already, and decides. Changes nothing.
// Tables that are being `altered` are taken as they are. Tables that can't be taken are left out of
// the plan, with a finding of severity kError. `others` are tables that the task follows already:
// they are not planned, but may clash with those that are, or share a target table with them.
Result<Plan> BuildPlan(const TaskConfig& config, const Catalog& catalog, TargetCatalog& target,
                       const OwnsTable& owns, const std::set<TableId>& altered = {},
                       const Catalog& others = {});

}  // namespace starlift::sync
