#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "sandbox/storage/connection.h"
#include "sandbox/storage/physical_table.h"

namespace starlift::sandbox {

// A column as the merge sees it.
struct MergeColumn {
  PhysicalColumn physical;
  bool is_key = false;
  catalog::AggregateKind aggregate = catalog::AggregateKind::kNone;
  // What a row that doesn't exist yet gets when a partial update leaves this column out: a DuckDB
  // expression, e.g. "NULL" or "CAST('7' AS INTEGER)".
  std::string missing_sql = "NULL";
};

struct MergeTarget {
  int64_t table_id = 0;
  catalog::TableModel model = catalog::TableModel::kDuplicate;
  std::vector<MergeColumn> columns;  // all of the table, in schema order
};

MergeTarget MergeTargetOf(const catalog::TableDef& table);

// Rows to be merged: a DuckDB table or view that has the physical names of the columns it brings.
struct StagedRows {
  // Quoted name as used in FROM, e.g. "temp.main.s_17".
  std::string relation;
  // BIGINT column with the order of arrival: the later row of a key wins. Empty: DuckDB's rowid.
  std::string order_column;
  // TINYINT column: 0 upsert, anything else delete. Empty: all upserts. Primary Key only.
  std::string op_column;
  // Column ids that the rows bring; empty: all. A strict subset is a partial update.
  std::vector<int64_t> columns;
  // Conditional update: a stored row is replaced only if the new value of this column >= the old.
  std::optional<int64_t> merge_condition;
};

// Applies rows to a table by its key model, inside the caller's transaction: last row of a key
// wins (Unique, Primary), values fold (Aggregate), plain append (Duplicate). Used by Stream Load
// and by INSERT. The caller holds the TableLock and has checked values, NOT NULL and key lengths.
// Gives the number of rows that the statement brought (not the number of keys).
Result<int64_t> MergeStagedRows(Connection& connection, const MergeTarget& target,
                                const StagedRows& rows);

}  // namespace starlift::sandbox
