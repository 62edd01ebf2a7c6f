#pragma once

#include <string>
#include <vector>

#include "data/checksum.h"
#include "data/table.h"

namespace starlift::mysql {

// The select list over `from` (" FROM `t` WHERE …") that gives four columns: rows, rows with a
// checksum, and both sums. A server makes NULL of a text that is too long for it, so the first two
// must be equal.
std::string ChecksumQuery(const Table& table, const std::vector<ChecksumColumn>& columns,
                          ChecksumMethod method, const std::string& from);

}  // namespace starlift::mysql
