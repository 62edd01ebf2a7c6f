#pragma once

#include <string_view>

#include "base/result.h"
#include "sandbox/catalog/data_type.h"
#include "sandbox/sql/type_spec.h"

namespace starlift::sandbox::catalog {

// The type that a spelling stands for: NUMERIC(5) is DECIMAL(5, 0), STRING is VARCHAR(65533).
// Checks what the real parser checks while it builds the type (decimal precision and scale).
Result<DataType> ResolveType(const sql::TypeSpec& spec);

// The limits that only column definitions have (CHAR, VARCHAR, VARBINARY lengths, TIME). An error
// text without frame, or empty if the type may be a column's.
std::string ColumnTypeProblem(const DataType& type, std::string_view column);

}  // namespace starlift::sandbox::catalog
