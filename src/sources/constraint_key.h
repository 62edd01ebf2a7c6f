#pragma once

#include <vector>

#include "data/table.h"
#include "sources/ddl_facts.h"

namespace starlift {

// Sets the table's key: the primary key, else the unique key of fewest columns (then by name, so
// that every run chooses the same) whose columns are all NOT NULL. Foreign keys never, nor keys
// with a column whose values don't compare as wholes (long text, bytes, JSON, geometry).
void ChooseKey(const std::vector<Constraint>& constraints, Table& table);

}  // namespace starlift
