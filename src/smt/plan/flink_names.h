#pragma once

#include "data/table.h"
#include "smt/dialect.h"
#include "smt/model.h"
#include "smt/plan/notes.h"

namespace starlift::smt {

// What Flink's sources of a merged table are told to read, so that each shard is read once and no
// table of another rule is.
void NameFlinkSources(const Catalog& catalog, const Dialect& dialect, PlannedTable& table,
                      Notes& notes);

}  // namespace starlift::smt
