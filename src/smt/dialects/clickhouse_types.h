#pragma once

#include "smt/type_rules.h"

namespace starlift::smt {

// Types of ClickHouse; sources/clickhouse/TYPES.md says how `native_type` is spelled.
ColumnType MapClickhouseType(const Column& column, const TypeRequest& request);

}  // namespace starlift::smt
