#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "starrocks/session.h"
#include "starrocks/table_model.h"

namespace starlift::starrocks {

Result<bool> DatabaseExists(Session& session, std::string_view database);

// Names of the tables (and views) of a database; empty if the database isn't there. One statement.
Result<std::vector<std::string>> ListTables(Session& session, std::string_view database);

// Reads a table's definition from SHOW CREATE TABLE. kNotFound if it isn't there. One statement.
Result<TargetTable> ReadTable(Session& session, std::string_view database, std::string_view table);

// Reads what SHOW CREATE TABLE printed; also what PrintCreateTable prints. kData if it can't.
Result<TargetTable> ParseCreateTable(std::string_view sql, std::string_view database);

// At least one row is there.
Result<bool> HoldsRows(Session& session, const TargetTable& table);

}  // namespace starlift::starrocks
