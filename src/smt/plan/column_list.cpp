#include "smt/plan/column_list.h"

#include <algorithm>

#include "mapping/target_names.h"

namespace starlift::smt {

std::vector<std::string> ReadColumnList(std::string_view text) {
  std::vector<std::string> names;
  std::string name;
  bool quoted = false;
  const auto take = [&] {
    while (name.ends_with(' ')) name.pop_back();
    if (!name.empty()) names.push_back(std::move(name));
    name.clear();
  };
  for (const char c : text) {
    if (c == '`') {
      quoted = !quoted;
    } else if (c == ',' && !quoted) {
      take();
    } else if (c != ' ' || quoted || !name.empty()) {
      name += c;
    }
  }
  take();
  return names;
}

std::optional<std::vector<ColumnIndex>> FindColumns(const Table& table,
                                                    const std::vector<std::string>& names) {
  std::vector<ColumnIndex> places;
  for (const std::string& name : names) {
    std::optional<ColumnIndex> place = table.FindColumn(name);
    for (ColumnIndex i = 0; !place && i < table.columns.size(); ++i) {
      if (mapping::FoldCase(table.columns[i].name) == mapping::FoldCase(name)) place = i;
    }
    if (!place) return std::nullopt;
    places.push_back(*place);
  }
  return places;
}

}  // namespace starlift::smt
