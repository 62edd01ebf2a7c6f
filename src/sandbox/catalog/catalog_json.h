#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "sandbox/catalog/catalog.h"

// The records of the metadata table. Fields that a record lacks have their default, so that files
// of older releases load.
namespace starlift::sandbox::catalog {

std::string ToJson(const DatabaseDef& database);
std::string ToJson(const TableDef& table);
std::string ToJson(const DroppedTable& dropped);
std::string ToJson(const AlterJob& job);
std::string ToJson(const ExternalDef& external);

// kData with the record's key in `where` if the text is not such a record.
Result<DatabasePtr> DatabaseFromJson(std::string_view key, std::string_view json);
Result<TablePtr> TableFromJson(std::string_view key, std::string_view json);
Result<DroppedTable> DroppedTableFromJson(std::string_view key, std::string_view json);
Result<JobPtr> JobFromJson(std::string_view key, std::string_view json);
Result<ExternalPtr> ExternalFromJson(std::string_view key, std::string_view json);

}  // namespace starlift::sandbox::catalog
