#pragma once

#include <string_view>

#include "sandbox/catalog/table_def.h"

namespace starlift::sandbox::query {

// A table of information_schema or sys, by names without case; null if there is none. Its id is 0.
catalog::TablePtr FindSystemTable(std::string_view database, std::string_view table);

// "information_schema" or "sys" for any case of them; empty for others.
std::string_view SystemDatabase(std::string_view name);

}  // namespace starlift::sandbox::query
