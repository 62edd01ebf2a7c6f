#pragma once

#include <optional>

#include "base/result.h"
#include "sandbox/catalog/table_def.h"
#include "sandbox/ddl/environment.h"
#include "sandbox/sql/ast.h"

namespace starlift::sandbox::ddl {

// Fills `table.distribution`: as stated, or what the table's model takes by default.
Status AnalyzeDistribution(const std::optional<sql::DistributionSpec>& spec,
                           catalog::TableDef& table);

// HASH columns must be keys where the model has keys, and of types that can be hashed.
Status CheckDistributionKey(const catalog::TableDef& table);

// Gives every partition its number of buckets and replicas where it states none.
void ResolvePartitions(const Environment& environment, catalog::TableDef& table);

// Adds the partitions that dynamic_partition.* asks for from today on, where they are missing.
void AddDynamicPartitions(catalog::TableDef& table);

}  // namespace starlift::sandbox::ddl
