#pragma once

#include <vector>

#include "data/table.h"
#include "smt/dialect.h"
#include "sources/ddl_facts.h"

namespace starlift::smt {

// The key that a table gets at the target, as its columns' indexes in key order; empty: none.
// kRight: the source's own, as the catalog chose it. kCompat: as the original looks for one, which
// takes foreign keys for unique ones. `facts` may be null.
std::vector<ColumnIndex> ChooseKey(const Table& table, const TableDdlFacts* facts,
                                   const Dialect& dialect, Form form);

// The key that the original's external tables are ordered by: the first unique or foreign key
// without a nullable column; empty: none.
std::vector<ColumnIndex> CompatExternalKey(const Table& table, const TableDdlFacts* facts,
                                           const Dialect& dialect);

// `order` with the columns of `key` moved to the front, in key order.
std::vector<size_t> KeyFirst(const std::vector<size_t>& order, const std::vector<ColumnIndex>& key);

}  // namespace starlift::smt
