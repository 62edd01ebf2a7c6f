#pragma once

#include "smt/type_rules.h"

namespace starlift::smt {

// MySQL and MariaDB. Goes by `native_type`: "bigint(20) unsigned", "enum('a','b')".
ColumnType MapMysqlType(const Column& column, const TypeRequest& request);

// TiDB: the same, but for what its Flink connector does otherwise.
ColumnType MapTidbType(const Column& column, const TypeRequest& request);

}  // namespace starlift::smt
