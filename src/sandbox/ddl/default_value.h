#pragma once

#include <string>
#include <string_view>

#include "sandbox/catalog/table_def.h"
#include "sandbox/sql/ast.h"

namespace starlift::sandbox::ddl {

// Why `text` can't be the default of a column of the type, in the real one's words; empty if it
// can.
std::string LiteralDefaultProblem(const catalog::DataType& type, std::string_view text);

// The same for uuid() and uuid_numeric().
std::string FunctionDefaultProblem(const catalog::DataType& type, std::string_view function);

// "2024-01-01" or "2024-01-01 10:00:00[.ffffff]" of a date or time that exists.
bool IsDateText(std::string_view text);

}  // namespace starlift::sandbox::ddl
