#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "data/table.h"

namespace starlift::smt {

// "id, `at`" of duplicate_keys or distributed_by as names.
std::vector<std::string> ReadColumnList(std::string_view text);

// Their places in the table; nullopt if one is not there. Letter case is ignored where that leaves
// no doubt, as StarRocks does.
std::optional<std::vector<ColumnIndex>> FindColumns(const Table& table,
                                                    const std::vector<std::string>& names);

}  // namespace starlift::smt
