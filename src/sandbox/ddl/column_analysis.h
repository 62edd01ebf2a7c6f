#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "sandbox/catalog/table_def.h"
#include "sandbox/sql/ast.h"

namespace starlift::sandbox::ddl {

// What the checks of a column need to know of its table.
struct ColumnRules {
  catalog::TableModel model = catalog::TableModel::kDuplicate;
  // ALTER: the column's place among keys comes from the word KEY, not from a key clause.
  bool altering = false;
};

// 1166 for names that no column may have, 1064 for reserved ones.
Status CheckColumnName(const std::string& name);

// Turns a written column into a definition, without id. `is_key` is settled by the caller. The type
// of a generated column's expression is checked elsewhere (generated_column.h).
Result<catalog::ColumnDef> AnalyzeColumn(const sql::ColumnSpec& spec, const ColumnRules& rules,
                                         bool is_key);

// Aggregate named by a column; nullopt if none is.
std::optional<catalog::AggregateKind> AggregateOf(const sql::ColumnSpec& spec);

// May a column of this type be (primary) key, sort key, partition or distribution column?
bool CanBePrimaryKey(const catalog::DataType& type);
bool CanBeKey(const catalog::DataType& type);
bool CanBeSortKey(const catalog::DataType& type);
bool CanDistribute(const catalog::DataType& type);

}  // namespace starlift::sandbox::ddl
