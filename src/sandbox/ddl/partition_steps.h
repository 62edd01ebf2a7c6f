#pragma once

#include <vector>

#include "base/result.h"
#include "sandbox/catalog/table_def.h"
#include "sandbox/sql/ast.h"

namespace starlift::sandbox::ddl {

// START … END … EVERY …: the partitions that it stands for, each with name and bounds. The last one
// ends at END even where the step is wider.
Result<std::vector<catalog::PartitionDef>> PartitionSteps(const sql::PartitionSpec& spec,
                                                          const catalog::TableDef& table);

}  // namespace starlift::sandbox::ddl
