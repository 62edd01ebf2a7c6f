#pragma once

#include <map>
#include <string>
#include <vector>

#include "data/table.h"
#include "sources/ddl_facts.h"
#include "sources/source.h"
#include "sources/text_rows.h"

namespace starlift::sqlserver {

// One database as its catalog views tell it: what the tables are, and what generators and checks
// ask besides.
struct DatabaseCatalog {
  struct TableState {
    bool tracked = false;   // by change data capture
    bool readable = false;  // by this login
  };

  std::vector<Table> tables;  // ordered by id
  std::map<TableId, TableDdlFacts> facts;
  std::map<TableId, TableState> states;
};

// User tables of the database that `ask` is in, named `database`; three queries in one round trip,
// whatever their number. System tables, views, synonyms and the schema cdc are left out.
Result<DatabaseCatalog> ReadDatabase(const AskServer& ask, const std::string& database,
                                     const TableFilter& filter);

// Databases that can be entered, without SQL Server's own; by name.
Result<std::vector<std::string>> ListDatabases(const AskServer& ask);

}  // namespace starlift::sqlserver
