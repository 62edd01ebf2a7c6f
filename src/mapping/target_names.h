#pragma once

#include <string>
#include <string_view>

namespace starlift::mapping {

// Why StarRocks can't have an object of this name; empty: it can. (Source: FE name checks, 3.5.)
std::string RefuseDatabaseName(std::string_view name);
std::string RefuseTableName(std::string_view name);
std::string RefuseColumnName(std::string_view name);

// For comparing names that differ only in case. Only ASCII letters are folded, as StarRocks does
// for all but a few languages' letters.
std::string FoldCase(std::string_view name);

// At most `most` characters of UTF-8 text, cut at a character.
std::string_view CutCharacters(std::string_view text, size_t most);

}  // namespace starlift::mapping
