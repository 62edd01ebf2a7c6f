#pragma once

#include "sources/source.h"
#include "wire/mysql/client.h"

namespace starlift::mysql {

// A reader whose transaction sees the rows as they were at a position of the log. MariaDB tells the
// position of a snapshot by itself. MySQL does not: there a global read lock holds all commits off
// for the moment in which the snapshot is taken; kRefused where the user may not, or where the lock
// does not come within seconds. Tables of engines without transactions are read as they are.
Result<ConsistentSnapshot> OpenMysqlConsistentSnapshot(const wire::mysql::ClientOptions& options,
                                                       const Cancellation& cancellation);

}  // namespace starlift::mysql
