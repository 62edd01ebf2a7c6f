#pragma once

#include <string>
#include <string_view>

#include "smt/dialect.h"
#include "smt/model.h"

// Statements for StarRocks, appended to `out` without their final ";". The shape, blanks included,
// is the original's.
namespace starlift::smt {

void PrintCreateDatabase(std::string_view database, std::string& out);
void PrintCreateTable(const PlannedTable& table, Form form, std::string& out);

// "mysql_external_shop", "sqlserver_external_shop"
std::string ExternalDatabase(const PlannedTable& table, const Dialect& dialect);
void PrintExternalTable(const PlannedTable& table, const Config& config, const Dialect& dialect,
                        Form form, std::string& out);
// Stands for a driver's address where nobody has said it.
inline constexpr std::string_view kOpenDriverUrl =
    "<where the frontends and backends find the JDBC driver's jar>";
// What newer StarRocks has instead: the whole source as a catalog. Appends nothing for a source
// that no catalog reads. The first rule's `external.properties.driver_url` says where the driver
// is; without it, it is left to be filled in. `database` matters where the dialect's catalogs are
// of one database each (jdbc_database_prefix).
void PrintExternalCatalog(const Config& config, const Dialect& dialect, const DdlFacts& facts,
                          std::string_view database, std::string& out);

// What external tables of this source stand on and what comes first in their file; appends nothing
// where there is no such thing.
void PrintExternalResource(const Config& config, const Dialect& dialect, const DdlFacts& facts,
                           Form form, std::string& out);
// Likewise, but for each database of the source: the JDBC connection that its tables name. The
// rule's `external.properties.driver_url` says where the driver is; without it, it is left to be
// filled in.
void PrintExternalDatabaseResource(const PlannedTable& table, const Config& config,
                                   const Dialect& dialect, std::string& out);

}  // namespace starlift::smt
