#pragma once

#include <string>
#include <string_view>

#include "data/type.h"

namespace starlift::hive {

// "decimal(10,2)", "map<string,int>"; kUnsupported for what is unknown.
Type TypeOf(std::string_view text);

}  // namespace starlift::hive
