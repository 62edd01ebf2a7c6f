#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "data/table.h"
#include "mapping/mapping_options.h"

namespace starlift::mapping {

// What the user says about the tables that `match` takes. The first rule that matches a table is
// its rule; tables without one keep their names.
struct TableRule {
  // Regular expression (RE2), anchored at both ends, on `table` or `database.table`.
  std::string match;
  // Names at the target. {database} and {table} stand for the source's, {1} … {9} for what the
  // expression's groups took; "{{" for a brace. Empty: the name stays.
  std::string target_database;
  std::string target_table;
  // Column names at the source, exact. `include` empty: all.
  std::vector<std::string> include_columns;
  std::vector<std::string> exclude_columns;
  std::vector<std::pair<std::string, std::string>> rename_columns;  // source name, target name
  // Key at the target instead of the source's, by source names. For tables without a key whose user
  // knows better.
  std::vector<std::string> key_columns;
  // MappingOption names and values.
  std::vector<std::pair<std::string, std::string>> options;
};

using TableFilter = std::function<bool(const TableId&)>;

// Takes a table if one of `include` matches it (none: every table) and none of `exclude` does.
// Thread-safe. kUsage for an expression that doesn't compile.
Result<TableFilter> CompileTableFilter(const std::vector<std::string>& include,
                                       const std::vector<std::string>& exclude);

}  // namespace starlift::mapping
