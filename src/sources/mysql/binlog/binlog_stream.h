#pragma once

#include <memory>

#include "sources/change_stream.h"
#include "wire/mysql/client.h"

namespace starlift::mysql {

// Follows the log of a server from `start`. Connects at once: an error says why it can't.
Result<std::unique_ptr<ChangeStream>> OpenBinlogStream(const wire::mysql::ClientOptions& options,
                                                       const StreamStart& start,
                                                       const TableFilter& wanted,
                                                       const Cancellation& cancellation);

}  // namespace starlift::mysql
