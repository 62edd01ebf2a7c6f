#pragma once

#include <memory>

#include "base/cancellation.h"
#include "sources/mysql/session.h"
#include "sources/source.h"
#include "wire/mysql/client.h"

namespace starlift::mysql {

// Reads tables as they are, chunk by chunk, each in one statement of its own (a consistent read at
// READ COMMITTED). Connects again by itself at the next call when the connection was lost.
Result<std::unique_ptr<SnapshotReader>> OpenMysqlSnapshot(const wire::mysql::ClientOptions& options,
                                                          const Cancellation& cancellation);

// The same over a session that is inside of a transaction with a consistent snapshot. Once its
// connection is lost every call is kUnreachable.
std::unique_ptr<SnapshotReader> PinMysqlSnapshot(const wire::mysql::ClientOptions& options,
                                                 const Cancellation& cancellation,
                                                 SourceSession session);

}  // namespace starlift::mysql
