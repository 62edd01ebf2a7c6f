#pragma once

#include "smt/type_rules.h"

namespace starlift::smt {

// Types of Hive; sources/hive/TYPES.md says how `native_type` is spelled.
ColumnType MapHiveType(const Column& column, const TypeRequest& request);

}  // namespace starlift::smt
