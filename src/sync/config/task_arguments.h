#pragma once

#include <span>
#include <string>

#include "base/option.h"
#include "sync/config/substitution.h"
#include "sync/config/task_config.h"

namespace starlift::sync {

// The options of a task that the command line takes, followed by `more` of the command's own.
std::vector<const OptionDeclaration*> TaskFlags(std::span<const OptionDeclaration> more);

// Builds a task from what a command line holds: SOURCE_URL TARGET_URL, or one task file; then the
// environment (STARLIFT_…), then the flags. Later ones win. Options of `line` that are no task
// options are left to the caller. kUsage for everything that is wrong.
Result<TaskConfig> BuildTaskConfig(const CommandLine& line, const EnvironmentLookup& environment);

// Which task is meant, and where its state lies.
struct TaskReference {
  std::string home;
  std::string identity;
};

// The same command line, or a task's name in the place of its file or URLs.
Result<TaskReference> BuildTaskReference(const CommandLine& line,
                                         const EnvironmentLookup& environment);

}  // namespace starlift::sync
