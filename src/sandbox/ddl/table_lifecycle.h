#pragma once

#include "base/result.h"
#include "sandbox/ddl/statement_context.h"

namespace starlift::sandbox::ddl {

// Gives the new table, its partitions and indexes their ids and stores it. The caller holds the
// catalog's change lock.
Status StoreNewTable(const StatementContext& context, catalog::TableDef table);

// A rollup as written, checked against its table; without id.
Result<catalog::RollupDef> MakeRollup(const sql::RollupSpec& spec, const catalog::TableDef& table);

// The spelling of a type, for columns that come from a query.
sql::TypeSpec TypeSpecOf(const catalog::DataType& type);

// "A schema change operation is in progress on the table …" if a job of the table is open.
Status RequireNoOpenJob(const StatementContext& context, const catalog::TableDef& table);

}  // namespace starlift::sandbox::ddl
