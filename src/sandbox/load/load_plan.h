#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "sandbox/catalog/table_def.h"
#include "sandbox/load/load_request.h"

namespace starlift::sandbox::load {

// One value of a body's row: a CSV field or a JSON key, in order.
struct SourceField {
  std::string name;  // as written in `columns`, or the table's own spelling
  catalog::DataType type;
  const catalog::ColumnDef* column = nullptr;  // of the plan's table; null: a temporary variable
  bool is_op = false;                          // __op
};

// Where a table column's value comes from.
struct TargetColumn {
  enum class Kind : uint8_t { kField, kExpression, kAutoIncrement };
  const catalog::ColumnDef* column = nullptr;
  Kind kind = Kind::kField;
  size_t field = 0;  // kField
  std::string sql;   // kExpression: DuckDB, over the staged fields f0, f1, …
};

// What a load does with a table as it was when the load began.
struct LoadPlan {
  catalog::TablePtr table;
  std::vector<SourceField> fields;
  // Columns that are written: all of the table, or with partial_update those that are listed.
  std::vector<TargetColumn> targets;
  bool partial = false;
  std::string op_sql;           // DuckDB over the staged fields; empty: all rows are upserts
  std::string where_sql;        // empty: none
  int32_t merge_condition = 0;  // column id; 0: none
  // Staged fields are the table's own values: no expression, cast or generated value in between.
  bool plain = false;
  std::vector<std::string> json_paths;

  int op_field() const;  // index of the field that is __op, -1 if there is none
};

// DuckDB name of a staged field: "f0".
std::string StagedFieldName(size_t field);

// kData with the backend's or frontend's words where the headers don't fit the table.
Result<LoadPlan> MakeLoadPlan(catalog::TablePtr table, const LoadRequest& request);

}  // namespace starlift::sandbox::load
