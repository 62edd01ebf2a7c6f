#pragma once

#include <functional>
#include <string_view>

#include "base/result.h"

namespace starlift::mysql {

// TRANSACTION_PAYLOAD (MySQL 8.0.20, binlog_transaction_compression): a transaction's events,
// compressed. Calls `visit` with each of them, which have neither checksums nor positions. Unpacks
// as it goes: no more than one event and zstd's window are held. kData: damaged bytes.
Status ForEachInPayload(std::string_view body,
                        const std::function<Status(std::string_view event)>& visit);

}  // namespace starlift::mysql
