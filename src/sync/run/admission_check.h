#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "data/finding.h"
#include "sync/config/task_config.h"
#include "sync/run/world.h"

namespace starlift::sync {

// Whether these source tables can come into the task: asks both ends all that a preparation of them
// alone asks, and whether they go together with the tables that the task follows. `existing` as
// AdmissionRecord says. Changes nothing.
Result<std::vector<Finding>> CheckAdmission(const TaskConfig& config, World& world, int64_t task,
                                            const std::vector<TableId>& tables,
                                            std::string_view existing);

// The config that such tables are loaded and followed with.
TaskConfig MakeAdmissionConfig(const TaskConfig& config, std::string_view existing);

// The tables that the task follows, as they are at its checkpoint.
Result<Catalog> ReadFollowedTables(state::StateStore& store, int64_t task);

}  // namespace starlift::sync
