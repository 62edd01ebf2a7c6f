#include "sandbox/ddl/statement_context.h"

#include <algorithm>
#include <cctype>
#include <chrono>

#include <strings.h>

#include "sandbox/ddl/external_tables.h"
#include "sandbox/sql/error.h"
#include "sandbox/sql/lexer.h"

namespace starlift::sandbox::ddl {

using sql::AnalyzeError;
namespace code = sql::code;

namespace {

Status RequireDefaultCatalog(std::string_view catalog) {
  if (catalog == kDefaultCatalog) return {};
  return AnalyzeError(code::kUnknownCatalog, "Unknown catalog '" + std::string(catalog) + "'");
}

}  // namespace

bool IsSystemDatabase(std::string_view database) {
  return std::find(std::begin(kSystemDatabases), std::end(kSystemDatabases), database) !=
         std::end(kSystemDatabases);
}

Result<std::string> ResolveDatabaseName(const sql::QualifiedName& name) {
  if (name.parts.size() == 2) SL_TRY(RequireDefaultCatalog(name.parts.front()));
  return name.last();
}

Result<std::string> CurrentDatabase(const StatementContext& context) {
  std::string database = context.session.current_database();
  if (database.empty()) return AnalyzeError(code::kNoDatabaseSelected, "No database selected");
  return database;
}

Result<TableName> ResolveTableName(const StatementContext& context,
                                   const sql::QualifiedName& name) {
  TableName resolved;
  resolved.table = name.last();
  if (name.parts.size() == 1) {
    SL_ASSIGN(resolved.database, CurrentDatabase(context));
    return resolved;
  }
  if (name.parts.size() == 3 && name.parts.front() != kDefaultCatalog) {
    return CannotUseCatalog(context.catalog(), name.parts.front());
  }
  resolved.database = name.parts[name.parts.size() - 2];
  return resolved;
}

Error UnknownDatabase(std::string_view database) {
  return AnalyzeError(code::kUnknownDatabase, "Unknown database '" + std::string(database) + "'");
}

Error TableNotFound(std::string_view table) {
  return AnalyzeError("Table " + std::string(table) + " is not found");
}

Error UnknownTable(std::string_view table) {
  return AnalyzeError(code::kUnknownTable, "Unknown table '" + std::string(table) + "'");
}

Result<catalog::DatabasePtr> RequireDatabase(const StatementContext& context,
                                             std::string_view database) {
  catalog::DatabasePtr found = context.catalog().FindDatabase(database);
  if (found == nullptr) return UnknownDatabase(database);
  return found;
}

ObjectKind ObjectKindOf(const catalog::TableDef& table) {
  switch (table.kind) {
    case catalog::TableKind::kTable:
    case catalog::TableKind::kExternal:
      return ObjectKind::kTable;
    case catalog::TableKind::kView:
      return ObjectKind::kView;
    case catalog::TableKind::kMaterializedView:
      return ObjectKind::kMaterializedView;
  }
  return ObjectKind::kTable;
}

int64_t NowMs() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

bool SameName(std::string_view a, std::string_view b) {
  return a.size() == b.size() && strncasecmp(a.data(), b.data(), a.size()) == 0;
}

std::string ToLower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return lower;
}

std::string ToUpper(std::string_view text) {
  std::string upper(text);
  for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return upper;
}

std::string Join(const std::vector<std::string>& parts, std::string_view separator) {
  std::string joined;
  for (size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) joined += separator;
    joined += parts[i];
  }
  return joined;
}

std::string QuotedList(const std::vector<std::string>& names, std::string_view separator) {
  std::vector<std::string> quoted;
  quoted.reserve(names.size());
  for (const std::string& name : names) quoted.push_back(sql::QuoteName(name));
  return Join(quoted, separator);
}

}  // namespace starlift::sandbox::ddl
