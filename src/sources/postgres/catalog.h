#pragma once

#include <string>
#include <vector>

#include "data/table.h"
#include "sources/ddl_facts.h"
#include "sources/postgres/connection.h"
#include "sources/source.h"

namespace starlift::postgres {

// Tables of the connection's database, named `database`, in one round trip whatever their number:
// ordinary and partitioned tables with their columns and keys. A partition is no table of its own:
// its rows belong to the root, whose `partitions` names it. Views, foreign tables, temporary tables
// and the schemas pg_catalog and information_schema are left out. Needs no privilege.
Result<Catalog> ReadPostgresCatalog(Connection& connection, const std::string& database,
                                    const TableFilter& filter);

// Sizes and constraints of the tables of this database, added to `facts`.
Status ReadPostgresFacts(Connection& connection, const std::string& database, DdlFacts& facts);

// A database of the server.
struct DatabaseEntry {
  std::string name;
  bool is_template = false;
  bool takes_connections = true;
  bool may_connect = true;  // this user
};

// All but the two templates that every server has; by name.
Result<std::vector<DatabaseEntry>> ListDatabases(Connection& connection);

}  // namespace starlift::postgres
