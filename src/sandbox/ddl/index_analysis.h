#pragma once

#include "base/result.h"
#include "sandbox/catalog/table_def.h"
#include "sandbox/sql/ast.h"

namespace starlift::sandbox::ddl {

// Checks an index against the table and adds it, without id.
Status AddIndex(const sql::IndexSpec& spec, catalog::TableDef& table);

}  // namespace starlift::sandbox::ddl
