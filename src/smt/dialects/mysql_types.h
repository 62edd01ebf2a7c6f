#pragma once

#include "smt/type_rules.h"

namespace starlift::smt {

// MySQL, MariaDB and TiDB. Goes by `native_type`: "bigint(20) unsigned", "enum('a','b')".
ColumnType MapMysqlType(const Column& column, const TypeRequest& request);

}  // namespace starlift::smt
