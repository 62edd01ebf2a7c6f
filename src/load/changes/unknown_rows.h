#pragma once

#include <string_view>

namespace starlift::load {

// Among the keys of missing rows: some rows of the source table were left out of a load of the
// whole table, and which isn't known. Changes of whole rows don't mind. One of some columns only
// can't be applied: were its row missing, the target would make one that has NULL in all the
// others.
inline constexpr std::string_view kUnknownRows;

}  // namespace starlift::load
