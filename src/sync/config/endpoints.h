#pragma once

#include <string>
#include <string_view>

#include "base/option.h"
#include "sync/config/task_config.h"

namespace starlift::sync {

// Sets config.source from a source URL. Placeholders in it are replaced from the environment.
Status ApplySourceUrl(std::string_view text, TaskConfig& config);

// Sets config.target from a target URL.
Status ApplyTargetUrl(std::string_view text, TaskConfig& config);

// Names and texts to phases, each once, in the order in which they run. kUsage for one that this
// build does not have.
Status ApplyPhases(TaskConfig& config, const OptionValue& value);

// "~" and "~/x" by $HOME.
std::string ExpandHome(std::string_view path);

}  // namespace starlift::sync
