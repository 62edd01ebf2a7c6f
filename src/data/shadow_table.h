#pragma once

#include <string>
#include <utility>
#include <vector>

#include "data/change.h"

namespace starlift {

// The copy that an online schema change (gh-ost, pt-online-schema-change) makes of a table, on its
// way into the table's place. Its rows are not told: until then they are the table's own.
struct ShadowTable {
  TableVersion table;
  // Old and new name of each column that was renamed since the copy was made like the table.
  std::vector<std::pair<std::string, std::string>> renamed_columns;
  // A tool was seen that copies the table's rows into it. Else its rows may be any.
  bool copied = false;

  // The same version, not an equal one.
  bool operator==(const ShadowTable&) const = default;
};

}  // namespace starlift
