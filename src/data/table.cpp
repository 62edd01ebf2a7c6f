#include "data/table.h"

namespace starlift {

std::string TableId::ToString() const {
  std::string text = "`" + database + "`.";
  if (!schema.empty()) text += "`" + schema + "`.";
  return text + "`" + name + "`";
}

std::optional<ColumnIndex> Table::FindColumn(std::string_view name) const {
  for (ColumnIndex i = 0; i < columns.size(); ++i) {
    if (columns[i].name == name) return i;
  }
  return std::nullopt;
}

}  // namespace starlift
