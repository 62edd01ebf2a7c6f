#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "data/table.h"

namespace starlift::sqlserver {

// One row of sys.columns.
struct ColumnRow {
  std::string name;
  std::string type;        // of the system, alias types taken off: "nvarchar", "hierarchyid"
  int64_t max_length = 0;  // bytes; -1 for max
  int64_t precision = 0;
  int64_t scale = 0;
  bool nullable = true;
  bool identity = false;
  bool computed = false;
  std::string collation;
  std::optional<std::string> default_definition;  // "((0))", "(getdate())", "(N'it''s')"
  std::string comment;
};

Type TypeOf(const ColumnRow& row);

// "nvarchar(50)", "decimal(10,2)", "datetime2(7)", "varchar(max)"
std::string NativeType(const ColumnRow& row);

Column ColumnOf(const ColumnRow& row);

}  // namespace starlift::sqlserver
