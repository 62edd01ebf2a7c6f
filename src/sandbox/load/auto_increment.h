#pragma once

#include <cstdint>

#include "base/result.h"
#include "sandbox/storage/storage.h"

namespace starlift::sandbox::load {

// Sets `count` values of the table's AUTO_INCREMENT column aside and gives the number before the
// first of them. Never gives a value twice, also not after a crash; a failed load leaves a gap.
Result<int64_t> ReserveAutoIncrement(Storage& storage, int64_t table_id, int64_t count);

}  // namespace starlift::sandbox::load
