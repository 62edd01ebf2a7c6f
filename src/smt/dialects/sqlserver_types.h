#pragma once

#include "smt/type_rules.h"

namespace starlift::smt {

// Types of SQL Server; sources/sqlserver/TYPES.md says how `native_type` is spelled.
ColumnType MapSqlserverType(const Column& column, const TypeRequest& request);

}  // namespace starlift::smt
