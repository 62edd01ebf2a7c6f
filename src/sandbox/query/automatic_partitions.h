#pragma once

#include <mutex>
#include <string>

#include "base/result.h"
#include "sandbox/catalog/catalog.h"
#include "sandbox/storage/connection.h"

// Partitions that rows bring with them: PARTITION BY date_trunc('day', dt), time_slice(…), (a, b).
namespace starlift::sandbox::query {

// Whether loads and INSERTs must call CreateMissingPartitions before they write rows.
bool MakesPartitions(const catalog::TableDef& table);

// Adds the partitions that rows of `relation` (a DuckDB relation with the table's physical columns)
// need and the table lacks, durably, before the rows are: as on a real cluster they stay, empty, if
// the load fails later. `change` is the catalog's change lock, taken before any TableLock. Errors:
// SQL errors in the frontend's words; more than 4096 new partitions at once are refused.
Status CreateMissingPartitions(catalog::Catalog& catalog,
                               const std::unique_lock<std::mutex>& change, Connection& connection,
                               int64_t table_id, const std::string& relation);

}  // namespace starlift::sandbox::query
