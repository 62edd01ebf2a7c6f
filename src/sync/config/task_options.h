#pragma once

#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "base/option.h"
#include "sync/config/task_config.h"

namespace starlift::sync {

// An option of a task: its declaration, and what it sets.
struct TaskOption {
  OptionDeclaration declaration;
  std::function<Status(TaskConfig&, const OptionValue&)> apply;
  // Wants its text with placeholders still in it (URLs).
  bool substitutes_itself = false;
};

// Every option of `starlift sync` and `starlift check`, in the order of help and reference. The
// mapping room's and the target's own lists are in it as sections `values` and `target`. Made once.
std::span<const TaskOption> TaskOptions();

// The sections of the task file, in order, each with a sentence for the reference.
struct OptionSection {
  std::string_view name;  // empty: the top level
  std::string_view help;
};
std::span<const OptionSection> TaskOptionSections();

// The option that a task file calls `name` in `section`; `_` and `-` are the same. Null if none.
const TaskOption* FindTaskOption(std::string_view section, std::string_view name);

// All options at their defaults.
TaskConfig DefaultTaskConfig();

}  // namespace starlift::sync
