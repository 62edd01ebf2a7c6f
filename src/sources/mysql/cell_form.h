#pragma once

#include <string_view>

#include "data/row_batch.h"

namespace starlift::mysql {

// Rewrites the text of a DOUBLE that is a FLOAT's exact value to the shortest text that reads back
// to the same FLOAT, laid out as MySQL prints it. In place: it is never longer. False: no number.
bool ShortenFloat(char* text, Cell& cell);

bool IsWellFormedUtf8(std::string_view text);

}  // namespace starlift::mysql
