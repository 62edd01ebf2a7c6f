#pragma once

#include <string>

#include "sandbox/catalog/table_def.h"

namespace starlift::sandbox::ddl {

// The definitions as SHOW CREATE prints them, to the last blank.
std::string PrintCreateTable(const catalog::TableDef& table);
std::string PrintCreateExternalTable(const catalog::TableDef& table);
std::string PrintCreateView(const catalog::TableDef& view);
std::string PrintCreateMaterializedView(const catalog::TableDef& view);

// "PARTITION BY RANGE(`dt`)\n(PARTITION p1 …)" with its line end, or empty.
std::string PrintPartitionBy(const catalog::TableDef& table);

// "NGRAMBF(\"gram_num\" = \"4\")": kind and properties of an index.
std::string PrintIndexKind(const catalog::IndexDef& index);

}  // namespace starlift::sandbox::ddl
