#pragma once

#include <string>
#include <vector>

#include "data/table.h"
#include "sources/mysql/session.h"

// How columns are asked for, so that the text that comes is their cell form (data/type.h).
namespace starlift::mysql {

enum class CellRule {
  kAsIs,
  kFloat,      // the text of the value as a double: to be rounded to the FLOAT that it is
  kConverted,  // text that the server converted, putting '?' for what has no Unicode form
};

// Raw where all text is UTF-8 already: that costs the server nothing, and ill-formed bytes reach us
// as they are. Else the server converts while it sends, which is cheaper than CONVERT() in the
// list.
ResultCharset ResultCharsetFor(const Table& table, const std::vector<ColumnIndex>& columns);

std::string SelectExpression(const Column& column, ResultCharset charset);
CellRule CellRuleFor(const Column& column, ResultCharset charset);

}  // namespace starlift::mysql
