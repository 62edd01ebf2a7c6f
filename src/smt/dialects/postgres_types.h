#pragma once

#include "smt/type_rules.h"

namespace starlift::smt {

// PostgreSQL. `native_type` is format_type()'s, `type` what sources/postgres reads it as.
ColumnType MapPostgresType(const Column& column, const TypeRequest& request);

}  // namespace starlift::smt
