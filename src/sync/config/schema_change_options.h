#pragma once

#include <vector>

#include "sync/config/task_options.h"

namespace starlift::sync {

// Section `schema-changes`: one policy for each kind of change, see
// docs/reference/schema-changes.md.
std::vector<TaskOption> SchemaChangeTaskOptions();

}  // namespace starlift::sync
