#pragma once

#include <cstdint>

#include "base/result.h"
#include "state/records.h"
#include "state/sqlite_connection.h"

namespace starlift::state {

// The part of a checkpoint that tells what the stream has left out. Within its transaction.
Status StoreLeftOut(SqliteConnection& connection, int64_t task, const CheckpointUpdate& update);
// CheckpointUpdate::choices, likewise.
Status StoreChoices(SqliteConnection& connection, int64_t task, const CheckpointUpdate& update);

}  // namespace starlift::state
