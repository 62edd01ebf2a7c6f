#pragma once

#include "smt/type_rules.h"

namespace starlift::smt {

// Types of Oracle; sources/oracle/TYPES.md says how `native_type` is spelled.
ColumnType MapOracleType(const Column& column, const TypeRequest& request);

}  // namespace starlift::smt
