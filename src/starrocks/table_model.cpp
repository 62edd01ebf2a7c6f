#include "starrocks/table_model.h"

#include <strings.h>

#include "starrocks/ddl_printer.h"

namespace starlift::starrocks {

std::string TargetTable::QuotedName() const { return QuoteName(database) + "." + QuoteName(name); }

std::optional<size_t> TargetTable::FindColumn(std::string_view column) const {
  for (size_t i = 0; i < columns.size(); ++i) {
    const std::string& candidate = columns[i].name;
    if (candidate.size() == column.size() &&
        strncasecmp(candidate.data(), column.data(), column.size()) == 0) {
      return i;
    }
  }
  return std::nullopt;
}

std::string_view TableModelName(TableModel model) {
  switch (model) {
    case TableModel::kPrimaryKey:
      return "PRIMARY KEY";
    case TableModel::kDuplicateKey:
      return "DUPLICATE KEY";
    case TableModel::kUniqueKey:
      return "UNIQUE KEY";
    case TableModel::kAggregate:
      return "AGGREGATE KEY";
  }
  return "";
}

}  // namespace starlift::starrocks
