#pragma once

#include <map>
#include <string>

#include "data/table.h"
#include "sources/ddl_facts.h"
#include "sources/hive/describe.h"
#include "sources/hive/session.h"
#include "sources/source.h"

namespace starlift::hive {

struct HiveCatalog {
  Catalog catalog;
  std::map<TableId, TableDescription> descriptions;
};

// Tables of one database, or of all; no views. The names come in one call; each wanted table is
// then described by a statement of its own, as HiveServer2 has no other, and its partitions are
// listed where it has partition columns, which come after the others.
Result<HiveCatalog> ReadHiveCatalog(Session& session, const std::string& database,
                                    const TableFilter& filter);

Table TableOf(TableId id, const TableDescription& description);

std::string QuoteIdentifier(std::string_view name);

}  // namespace starlift::hive
