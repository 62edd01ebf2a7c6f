#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "sandbox/ddl/environment.h"
#include "sandbox/sql/ast.h"
#include "sandbox/sql/result.h"

namespace starlift::sandbox::ddl {

// One statement being executed: what every handler needs.
struct StatementContext {
  const Environment& environment;
  const SessionContext& session;

  catalog::Catalog& catalog() const { return *environment.catalog; }
};

using StatementOutcome = Result<sql::StatementResult>;

// A table's name, resolved against the session; nothing is looked up yet.
struct TableName {
  std::string database;
  std::string table;
};

inline constexpr std::string_view kDefaultCatalog = "default_catalog";

// information_schema, sys, _statistics_: there always, never changed by DDL.
bool IsSystemDatabase(std::string_view database);
inline constexpr std::string_view kSystemDatabases[] = {"_statistics_", "information_schema",
                                                        "sys"};

// [catalog.]database. 5078 for a catalog that is not the default one.
Result<std::string> ResolveDatabaseName(const sql::QualifiedName& name);
// The database of the session. 1046 if none is selected.
Result<std::string> CurrentDatabase(const StatementContext& context);
// [[catalog.]database.]table
Result<TableName> ResolveTableName(const StatementContext& context, const sql::QualifiedName& name);

// 5501 "Unknown database" in the analyzer's frame.
Error UnknownDatabase(std::string_view database);
// 1064 "Table x is not found" and 5502 "Unknown table 'x'", both in the analyzer's frame.
Error TableNotFound(std::string_view table);
Error UnknownTable(std::string_view table);

Result<catalog::DatabasePtr> RequireDatabase(const StatementContext& context,
                                             std::string_view database);

ObjectKind ObjectKindOf(const catalog::TableDef& table);

int64_t NowMs();
bool SameName(std::string_view a, std::string_view b);  // without case
std::string ToLower(std::string_view text);
std::string ToUpper(std::string_view text);
std::string Join(const std::vector<std::string>& parts, std::string_view separator);
// `a`, `b`
std::string QuotedList(const std::vector<std::string>& names, std::string_view separator = ", ");

}  // namespace starlift::sandbox::ddl
