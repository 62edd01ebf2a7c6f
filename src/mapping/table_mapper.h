#pragma once

#include <optional>
#include <vector>

#include "base/result.h"
#include "data/finding.h"
#include "mapping/rule_matcher.h"
#include "mapping/table_mapping.h"

namespace starlift::mapping {

// Maps one table by itself. Adds what forbids it to `findings` and gives nullopt then. kUsage for
// an option of the rule that can't be.
Result<std::optional<TableMapping>> MapTable(const Table& table, const RuleMatch& match,
                                             const MappingRequest& request,
                                             std::vector<Finding>& findings);

// `database.table` as regular expression and text of a task file's `match`.
std::string MatchExpression(const TableId& table);

}  // namespace starlift::mapping
