#pragma once

#include "base/result.h"
#include "sources/mysql/ddl/statement.h"
#include "sources/mysql/ddl/token_cursor.h"

namespace starlift::mysql {

// What follows the table's name in ALTER TABLE, to the end.
Status ParseAlterActions(TokenCursor& cursor, bool real_as_float, AlterTable& alter);

// [ONLINE] [IGNORE] and [WAIT n | NOWAIT], which several statements take.
void SkipWait(TokenCursor& cursor);

}  // namespace starlift::mysql
