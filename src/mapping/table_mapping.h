#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "data/finding.h"
#include "data/table.h"
#include "mapping/mapping_options.h"
#include "mapping/table_rules.h"
#include "starrocks/encode_plan.h"
#include "starrocks/table_comparison.h"
#include "starrocks/table_model.h"

namespace starlift::mapping {

// How one source table becomes (part of) one target table. Plain data, immutable once built.
struct TableMapping {
  Table source;
  // The columns to read, in the order in which the batches must have them.
  std::vector<ColumnIndex> columns;
  starrocks::TargetTable target;
  starrocks::EncodePlan plan;
  // Columns of the target that the source has dropped and that are kept there: rows have NULL in
  // them, whatever their default.
  std::vector<std::string> kept_columns;
  // Seconds east of UTC that TIMESTAMP lands in, as the loads' `timezone`: "+00:00".
  std::string time_zone;
  // No key at the target: every row must be loaded exactly once.
  bool keyless = false;
  // Other source tables land in the same target table.
  bool shared_target = false;
  // Said in the plan: lossy types, dropped defaults, and the like. Severity kWarning or kInfo.
  std::vector<Finding> warnings;
};

struct MappingRequest {
  MappingOptions options;
  std::vector<TableRule> rules;
  // Target database where no rule names one; empty: the source's name.
  std::string default_database;
  std::optional<uint32_t> replication_num;
  // Keyless tables are spread at random; false for targets before 3.1, which hash the sort key.
  bool random_distribution = true;
};

struct Mappings {
  std::vector<TableMapping> tables;  // in the catalog's order
  // What forbids to start (kError): name clashes, unsupported types, tables that don't fit
  // together.
  std::vector<Finding> findings;
};

// Maps every table of the catalog. The Result's error is a rule that can't be read (kUsage); what
// is wrong with a table becomes a finding, and the table is left out.
Result<Mappings> BuildMappings(const Catalog& catalog, const MappingRequest& request);

// Fits the mapping to a table that is there already: its column order, its limits. Gives what
// differs; where a difference is blocking, the mapping is unchanged.
std::vector<starrocks::TableDifference> AdaptToExisting(const starrocks::TargetTable& existing,
                                                        TableMapping& mapping);

// The same for the columns that are kept (TableMapping::kept_columns) of a mapping that is adapted.
void KeepColumns(const std::vector<std::string>& columns, TableMapping& mapping);

}  // namespace starlift::mapping
