#pragma once

#include <string>
#include <vector>

#include "smt/dialect.h"
#include "smt/plan/rule_groups.h"
#include "smt/type_rules.h"

namespace starlift::smt {

enum class MergeRule {
  kNumbered,  // tables of one rule and one shape whose names differ by a number at the end
  kAlike,     // all tables of one rule and one shape, as the original does
  kNever,
};

// Whether the tables of a rule become one: two or more, with the same columns in the same order.
bool ShouldMerge(const RuleGroup& group, const Dialect& dialect, MergeRule merge, Form form);

// The name of a merged database, schema or table: the longest common prefix and `_auto_shard`;
// `without_prefix` ("table_auto_shard") where there is none. If all names are the same it stays.
// `kCompat` keeps a first name that is the prefix of all others as it is, too.
std::string ShardName(const std::vector<std::string>& names, std::string_view without_prefix,
                      Form form);

}  // namespace starlift::smt
