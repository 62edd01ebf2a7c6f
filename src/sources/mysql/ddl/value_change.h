#pragma once

#include <string>
#include <vector>

#include "data/table.h"

namespace starlift::mysql {

// Whether an ALTER that makes `after` of `before` leaves every stored value as it was, by the cell
// forms of data/type.h (a DECIMAL with more fraction digits is the same value). `strict`: the
// session's sql_mode refuses what doesn't fit, so that a narrower type lost nothing.
bool KeepsValues(const Column& before, const Column& after, bool strict);

// Whether rows that exist have a value in a column that was added, which the definition doesn't
// tell.
bool HasUnknownValues(const Column& added);

}  // namespace starlift::mysql
