#pragma once

#include "base/result.h"
#include "state/sqlite_connection.h"

namespace starlift::state {

// Brings the file to the schema of this release: all steps or none. kConflict if the file is newer,
// or belongs to another program.
Status MigrateSchema(SqliteConnection& connection);

// The schema version that this release writes.
int CurrentSchemaVersion();

}  // namespace starlift::state
