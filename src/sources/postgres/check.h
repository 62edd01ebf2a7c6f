#pragma once

#include <string>
#include <vector>

#include "data/finding.h"
#include "data/table.h"
#include "sources/postgres/connection.h"
#include "sources/postgres/options.h"

namespace starlift::postgres {

// What stands in the way of reading these tables of the connection's database, or will surprise:
// version, line, privileges, row security, inheritance, keys, encoding.
Result<std::vector<Finding>> CheckTables(Connection& connection, const ConnectOptions& options,
                                         const Catalog& catalog);

// What logical decoding needs: wal_level, slots and senders, the REPLICATION attribute,
// pg_hba.conf, a publication, replica identities. `incremental` decides between errors and warnings
// (structure_only.h).
Result<std::vector<Finding>> CheckLog(Connection& connection, const ConnectOptions& options,
                                      const std::string& database, const Catalog& catalog,
                                      bool incremental);

// "schema"."table", as a statement wants it.
std::string TableName(const Table& table);

}  // namespace starlift::postgres
