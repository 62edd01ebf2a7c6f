#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "sandbox/catalog/table_def.h"
#include "sandbox/ddl/environment.h"
#include "sandbox/sql/ast.h"

namespace starlift::sandbox::ddl {

// Fills `table.partitioning` and `table.partitions` (without ids) from PARTITION BY; a table
// without it gets its one partition. Columns and keys of the table are settled already.
Status AnalyzePartitionBy(const Environment& environment, const sql::CreateTable& statement,
                          catalog::TableDef& table);

enum class PartitionPurpose : uint8_t {
  kNewTable,
  kAdded,      // ALTER TABLE ADD PARTITION, whose words differ
  kTemporary,  // ADD TEMPORARY PARTITION: may overlap the others, but not each other
};

// The partitions that one written partition stands for (START … EVERY … stands for many), checked
// against those that the table has.
Result<std::vector<catalog::PartitionDef>> AnalyzePartition(const sql::PartitionSpec& spec,
                                                            const catalog::TableDef& table,
                                                            PartitionPurpose purpose);

// "[types: [DATE]; keys: [2024-01-01]; ..types: [DATE]; keys: [2024-02-01]; )"
std::string RangeText(const catalog::TableDef& table, const catalog::PartitionDef& partition);

// The smallest value of a range partition column as printed: 0000-01-01, -2147483648.
std::string MinimumText(const catalog::DataType& type);

// Orders values of a partition column; the minimum first, MAXVALUE last.
int CompareValues(const catalog::DataType& type, const catalog::PartitionValue& a,
                  const catalog::PartitionValue& b);

}  // namespace starlift::sandbox::ddl
