#pragma once

#include <map>
#include <optional>
#include <string>

#include "data/table.h"
#include "sources/ddl_facts.h"
#include "sources/source.h"
#include "sources/text_rows.h"

namespace starlift::oracle {

struct ServerVersion {
  int major = 0;
  std::string text;  // "19.0.0.0.0"
};

struct DatabaseState {
  std::string name;
  bool archives = false;          // ARCHIVELOG
  bool supplemental = false;      // minimal, at least
  bool supplemental_all = false;  // all columns of all tables
  bool container = false;         // a CDB
};

struct SchemaCatalog {
  Catalog catalog;
  std::map<TableId, TableDdlFacts> facts;
};

Result<ServerVersion> ReadVersion(const AskServer& ask);

// nullopt where the user may not see V$DATABASE.
Result<std::optional<DatabaseState>> ReadDatabaseState(const AskServer& ask,
                                                       const ServerVersion& version);

// Tables that the user may read, in four queries whatever their number; `service` becomes their
// database, the owner their schema. Left out: Oracle's own schemas, dropped, nested, temporary and
// overflow tables, logs of materialized views.
Result<SchemaCatalog> ReadOracleCatalog(const AskServer& ask, const ServerVersion& version,
                                        const std::string& service, const TableFilter& filter);

}  // namespace starlift::oracle
