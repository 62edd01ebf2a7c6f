#pragma once

#include "base/result.h"
#include "sandbox/ddl/statement_context.h"

namespace starlift::sandbox::ddl {

// How a clause takes effect.
enum class AlterSpeed : uint8_t {
  kAtOnce,  // metadata, or fast schema evolution
  kInJob,   // rows or order of columns change: an asynchronous job
};

// Column and index clauses: check against `table` and change it. Nothing is stored.
Result<AlterSpeed> ApplyColumnClause(const StatementContext& context,
                                     const sql::AlterClause& clause, catalog::TableDef& table);

// The checks that the analyzer makes before anything else is looked at.
Status AnalyzeColumnClause(const sql::AlterClause& clause, const catalog::TableDef& table);

// Partition clauses: check, change `table`, and add what happens to rows to `edit`.
Status ApplyPartitionClause(const StatementContext& context, const sql::AlterClause& clause,
                            catalog::TableDef& table, catalog::CatalogEdit& edit);

// Puts a job that turns the table into `result` into `edit`. At once: it is there already FINISHED,
// together with the change itself.
void AddSchemaChangeJob(const StatementContext& context, const catalog::TableDef& before,
                        catalog::TableDef result, AlterSpeed speed, catalog::JobKind kind,
                        catalog::CatalogEdit& edit);

// The stored-row changes that turn `before` into `after`, by column ids.
void AddStorageChanges(const catalog::TablePtr& before, const catalog::TablePtr& after,
                       catalog::CatalogEdit& edit);

// `current`, with what a finished job changes taken from its result: partitions that came meanwhile
// stay.
catalog::TableDef MergeJobResult(const catalog::TableDef& current, const catalog::TableDef& result);

}  // namespace starlift::sandbox::ddl
