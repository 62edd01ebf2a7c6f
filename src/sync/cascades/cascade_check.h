#pragma once

#include <vector>

#include "data/finding.h"
#include "mapping/table_mapping.h"
#include "sources/cascading_key.h"

namespace starlift::sync {

// What a check says of the keys between these tables.
std::vector<Finding> FindCascades(const std::vector<CascadingKey>& keys,
                                  const std::vector<mapping::TableMapping>& mappings);

}  // namespace starlift::sync
