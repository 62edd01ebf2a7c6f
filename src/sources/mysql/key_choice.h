#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "data/table.h"

namespace starlift::mysql {

// One column of one unique index.
struct UniqueIndexPart {
  std::string index;  // "PRIMARY" for the primary key
  uint32_t position = 0;
  std::string column;  // empty for an expression
  bool prefix = false;
  std::string index_type;  // "BTREE", "HASH"
};

// Sets the table's key: the primary key, else the unique key of fewest columns (then by name, so
// that every run chooses the same) whose columns are all NOT NULL. Keys over prefixes, expressions
// and whole TEXT or BLOB values don't count: no index range leads through their values.
void ChooseKey(const std::vector<UniqueIndexPart>& parts, Table& table);

}  // namespace starlift::mysql
