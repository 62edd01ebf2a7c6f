#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "sandbox/catalog/table_def.h"
#include "sandbox/sql/ast.h"

namespace starlift::sandbox::ddl {

struct TableKey {
  catalog::TableModel model = catalog::TableModel::kDuplicate;
  std::vector<std::string> columns;  // as the columns themselves spell them
};

// The model and key of a new table: as stated, or chosen by the leading columns.
Result<TableKey> AnalyzeKey(const sql::CreateTable& statement);

// ORDER BY of a new table against its key.
Status CheckSortKey(const std::vector<std::string>& order_by, const catalog::TableDef& table);

}  // namespace starlift::sandbox::ddl
