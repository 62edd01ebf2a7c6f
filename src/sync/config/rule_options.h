#pragma once

#include <functional>
#include <span>
#include <string_view>

#include "base/option.h"
#include "mapping/table_rules.h"

namespace starlift::sync {

// A key of one entry under `rules:` in the task file.
struct RuleOption {
  OptionDeclaration declaration;
  std::function<Status(mapping::TableRule&, const OptionValue&)> apply;
};

std::span<const RuleOption> RuleOptions();

// `_` and `-` are the same. Null if there is none.
const RuleOption* FindRuleOption(std::string_view name);

}  // namespace starlift::sync
