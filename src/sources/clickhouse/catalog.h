#pragma once

#include <string>

#include "data/table.h"
#include "sources/clickhouse/session.h"
#include "sources/ddl_facts.h"
#include "sources/source.h"

namespace starlift::clickhouse {

// Tables whose engine keeps rows (MergeTree family, Log family, Memory, RocksDB), in four queries
// whatever their number. A materialized view with rows of its own is read under its name. Views,
// Distributed, Kafka, dictionaries and the system databases are left out.
Result<Catalog> ReadClickhouseCatalog(Session& session, const std::string& database,
                                      const TableFilter& filter);

// Sizes, ages, and the sorting key as a primary key, although only Replacing engines make it
// unique.
Status ReadClickhouseFacts(Session& session, DdlFacts& facts);

// "ReplacingMergeTree" of "ReplicatedReplacingMergeTree" and "SharedReplacingMergeTree".
std::string_view EngineFamily(std::string_view engine);

}  // namespace starlift::clickhouse
