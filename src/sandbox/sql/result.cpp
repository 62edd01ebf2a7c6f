#include "sandbox/sql/result.h"

namespace starlift::sandbox::sql {

std::vector<ResultColumn> TextColumns(std::initializer_list<const char*> names, uint32_t length) {
  std::vector<ResultColumn> columns;
  columns.reserve(names.size());
  for (const char* name : names) {
    ResultColumn column;
    column.name = name;
    column.length = length;
    columns.push_back(std::move(column));
  }
  return columns;
}

std::vector<ResultColumn> SizedTextColumns(std::initializer_list<SizedName> names) {
  std::vector<ResultColumn> columns;
  columns.reserve(names.size());
  for (const SizedName& sized : names) {
    ResultColumn column;
    column.name = sized.name;
    column.length = sized.length;
    columns.push_back(std::move(column));
  }
  return columns;
}

}  // namespace starlift::sandbox::sql
