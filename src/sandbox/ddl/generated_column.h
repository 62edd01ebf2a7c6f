#pragma once

#include "base/result.h"
#include "sandbox/catalog/table_def.h"
#include "sandbox/ddl/environment.h"
#include "sandbox/sql/token_reader.h"

namespace starlift::sandbox::ddl {

// Checks the expression of a generated column against its table and keeps it as printed.
Status AnalyzeGeneratedColumn(const Environment& environment, const sql::TextRange& expression,
                              const catalog::TableDef& table, catalog::ColumnDef& column);

// Ordinary columns come first.
Status CheckGeneratedColumnsLast(const catalog::TableDef& table);

}  // namespace starlift::sandbox::ddl
