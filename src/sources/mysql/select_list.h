#pragma once

#include <string>

#include "data/table.h"

// How a column is asked for, so that the text that comes is its cell form (data/type.h). The
// session is that of OpenSourceSession: results are not converted by the server unless the
// expression says so.
namespace starlift::mysql {

enum class CellRule {
  kAsIs,
  kFloat,  // the text of the value as a double: to be rounded to the FLOAT that it is
  kUtf8,   // text that no server checked on its way out: may be ill-formed
};

// The charset's bytes are UTF-8 already, so they need no conversion: utf8mb4, utf8mb3 and ascii.
bool IsUtf8Charset(std::string_view charset);
// Some byte sequences of the charset have no Unicode form; the server turns them into '?'.
bool MayLoseCharacters(std::string_view charset);

std::string SelectExpression(const Column& column);
CellRule CellRuleFor(const Column& column);

}  // namespace starlift::mysql
