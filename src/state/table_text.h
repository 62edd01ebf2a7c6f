#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "data/shadow_table.h"
#include "data/table.h"

namespace starlift::state {

// A table's definition as one line of JSON, for the store: what is printed reads back as the same
// Table. Names inside are stable: an older program's text is read by a newer one, where fields that
// it didn't have get their defaults.
std::string PrintTable(const Table& table);

// kData for a text that is no table, or that names what this program doesn't know.
Result<Table> ParseTable(std::string_view text);

// The same of a shadow table.
std::string PrintShadowTable(const ShadowTable& shadow);
Result<ShadowTable> ParseShadowTable(std::string_view text);

}  // namespace starlift::state
