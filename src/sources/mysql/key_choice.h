#pragma once

#include "data/table.h"

namespace starlift::mysql {

// Sets the table's key from its indexes: the primary key, else the unique key of fewest columns
// (then by name, so that every run chooses the same) whose columns are all NOT NULL. Keys over
// prefixes, expressions and whole TEXT or BLOB values don't count: no index range leads through
// their values.
void ChooseKey(Table& table);

}  // namespace starlift::mysql
