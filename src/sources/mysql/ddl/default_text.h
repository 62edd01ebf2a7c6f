#pragma once

#include <string>
#include <string_view>

#include "data/table.h"
#include "sources/mysql/ddl/statement.h"

namespace starlift::mysql {

// A literal as the server prints it back for a column of this type: "0.00" for 0 in a DECIMAL(8,2),
// "2020-01-01" for '2020-1-1'. What it can't put in form stays as it was written.
std::string NormalizeLiteral(const DefaultDefinition& literal, const Column& column);

}  // namespace starlift::mysql
