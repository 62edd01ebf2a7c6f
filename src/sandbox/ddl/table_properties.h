#pragma once

#include <map>
#include <string>

#include "base/result.h"
#include "sandbox/catalog/table_def.h"
#include "sandbox/ddl/environment.h"
#include "sandbox/sql/token_reader.h"

namespace starlift::sandbox::ddl {

inline constexpr const char* kReplicationNum = "replication_num";
inline constexpr int kDefaultReplicationNum = 3;

// Checks PROPERTIES of a new table (model, distribution and partitioning settled) and fills
// `table.properties` with them and the defaults that SHOW CREATE TABLE prints.
Status ApplyNewTableProperties(const Environment& environment, const sql::Properties& properties,
                               catalog::TableDef& table);

// The replication_num that a statement asks for, or the default; checked against the live backends.
Result<int> ReplicationNum(const Environment& environment, const sql::Properties& properties);

// ALTER TABLE … SET (…) of an existing table.
Status ApplyChangedProperties(const Environment& environment, const sql::Properties& properties,
                              catalog::TableDef& table);

// Tables of one colocation group must be distributed alike (5063).
Status CheckColocation(const Environment& environment, const catalog::TableDef& table);

// "{a=1, b=2}"
std::string MapText(const std::map<std::string, std::string>& properties);

}  // namespace starlift::sandbox::ddl
