#pragma once

#include <vector>

#include "data/table.h"
#include "smt/dialect.h"
#include "smt/model.h"

namespace starlift::smt {

// The rule that takes a table: the last one that matches database, schema and table. Null: none.
const RuleConfig* RuleFor(const TableId& table, const Config& config);

struct RuleGroup {
  const RuleConfig* rule = nullptr;
  std::vector<const Table*> tables;
};

// The tables of each rule, rules in file order (those without a table left out), tables in the
// order of the original's catalog queries: by name, letter case ignored.
std::vector<RuleGroup> GroupByRule(const Catalog& catalog, const Config& config);

}  // namespace starlift::smt
