#pragma once

#include <string>

#include "sync/config/task_config.h"

namespace starlift::sync {

// Reads a task file (YAML, `version: 1`) into `config`, on top of what is in it. Unknown keys,
// wrong values and missing placeholders are kUsage at file:line. docs/reference/task-file.md.
Status ReadTaskFile(const std::string& path, TaskConfig& config);

// The same from memory; `path` is only said in errors.
Status ParseTaskFile(const std::string& text, const std::string& path, TaskConfig& config);

}  // namespace starlift::sync
