#include <algorithm>
#include <regex>

#include "sandbox/ddl/statements.h"
#include "sandbox/sql/error.h"

// CREATE, DROP, ALTER and RECOVER DATABASE.
namespace starlift::sandbox::ddl {

using catalog::CatalogEdit;
using catalog::DatabaseDef;
using catalog::DatabasePtr;
using catalog::TablePtr;
using sql::SqlError;
using sql::StatementResult;
namespace code = sql::code;

namespace {

constexpr size_t kMaxDatabaseName = 256;

// A letter or underscore, then word characters and some marks.
bool IsDatabaseName(const std::string& name) {
  if (name.empty() || name.size() > kMaxDatabaseName) return false;
  static const std::regex kPattern(R"(^[a-zA-Z_][\w\-~!@#$%^&<>=+]*$)");
  return std::regex_match(name, kPattern);
}

Status CheckDatabaseName(const std::string& name) {
  if (IsDatabaseName(name)) return {};
  return sql::AnalyzeError(code::kWrongDatabaseName, "Incorrect database name '" + name + "'");
}

void EraseTable(const catalog::TableDef& table, CatalogEdit& edit) {
  if (table.is_stored()) {
    edit.storage.push_back(catalog::DropStorage{table.id});
  }
}

// Everything of a database goes for good: its tables, what was dropped of it before, its jobs.
void EraseContents(const StatementContext& context, catalog::ObjectId database, CatalogEdit& edit) {
  for (const TablePtr& table : context.catalog().Tables(database)) {
    edit.remove_tables.push_back(table->id);
    EraseTable(*table, edit);
  }
  for (const catalog::DroppedTable& dropped : context.catalog().DroppedTablesOf(database)) {
    edit.remove_dropped.push_back(dropped.table->id);
    EraseTable(*dropped.table, edit);
  }
  for (const catalog::JobPtr& job : context.catalog().Jobs(database)) {
    edit.remove_jobs.push_back(job->id);
  }
}

StatementOutcome RecoverDatabase(const StatementContext& context, const std::string& name) {
  SL_TRY(context.session.RequirePrivilege("CREATE DATABASE", ObjectKind::kCatalog, kDefaultCatalog,
                                          ""));
  catalog::Catalog& catalog = context.catalog();
  const auto lock = catalog.LockForChange();
  if (catalog.FindDatabase(name) != nullptr || IsSystemDatabase(name)) {
    return SqlError(code::kGeneric, "Database[" + name + "] already exist.");
  }
  const DatabasePtr dropped = catalog.FindDroppedDatabase(name);
  if (dropped == nullptr)
    return SqlError(code::kUnknownDatabase, "Unknown database '" + name + "'");
  CatalogEdit edit;
  edit.remove_dropped_databases.push_back(dropped->id);
  edit.put_databases.push_back(dropped);
  for (const catalog::DroppedTable& table : catalog.DroppedTablesOf(dropped->id)) {
    // Only what went with the database; what had been dropped before stays dropped.
    if (!table.database_name.empty()) continue;
    edit.remove_dropped.push_back(table.table->id);
    edit.put_tables.push_back(table.table);
  }
  SL_TRY(catalog.Apply(std::move(edit)));
  return StatementResult::Ok();
}

StatementOutcome RecoverTable(const StatementContext& context, const sql::QualifiedName& written) {
  SL_ASSIGN(const TableName name, ResolveTableName(context, written));
  SL_ASSIGN(const DatabasePtr database, RequireDatabase(context, name.database));
  SL_TRY(
      context.session.RequirePrivilege("CREATE TABLE", ObjectKind::kDatabase, name.database, ""));
  catalog::Catalog& catalog = context.catalog();
  const auto lock = catalog.LockForChange();
  if (catalog.FindTable(name.database, name.table) != nullptr) {
    return SqlError(code::kTableExists, "Table '" + name.table + "' already exists");
  }
  const auto dropped = catalog.DroppedTables(name.database, name.table);
  if (dropped.empty()) {
    return SqlError(code::kUnknownTable, "Unknown table '" + name.table + "'");
  }
  CatalogEdit edit;
  edit.remove_dropped.push_back(dropped.front().table->id);
  edit.put_tables.push_back(dropped.front().table);
  SL_TRY(catalog.Apply(std::move(edit)));
  return StatementResult::Ok();
}

}  // namespace

StatementOutcome Execute(const StatementContext& context, const sql::CreateDatabase& statement) {
  SL_ASSIGN(const std::string name, ResolveDatabaseName(statement.name));
  SL_TRY(CheckDatabaseName(name));
  SL_TRY(context.session.RequirePrivilege("CREATE DATABASE", ObjectKind::kCatalog, kDefaultCatalog,
                                          ""));
  catalog::Catalog& catalog = context.catalog();
  const auto lock = catalog.LockForChange();
  if (catalog.FindDatabase(name) != nullptr || IsSystemDatabase(name)) {
    if (statement.if_not_exists) return StatementResult::Ok();
    return SqlError(code::kCantCreateDatabase,
                    "Can't create database '" + name + "'; database exists");
  }
  auto database = std::make_shared<DatabaseDef>();
  database->id = catalog.NextId();
  database->name = name;
  for (const auto& [key, value] : statement.properties) database->properties[key] = value;
  CatalogEdit edit;
  edit.put_databases.push_back(std::move(database));
  SL_TRY(catalog.Apply(std::move(edit)));
  return StatementResult::Ok();
}

StatementOutcome Execute(const StatementContext& context, const sql::DropDatabase& statement) {
  SL_ASSIGN(const std::string name, ResolveDatabaseName(statement.name));
  catalog::Catalog& catalog = context.catalog();
  if (IsSystemDatabase(name)) {
    SL_TRY(context.session.RequirePrivilege("DROP", ObjectKind::kDatabase, name, ""));
    return sql::AnalyzeError("Access denied when dropping system database " + name);
  }
  if (catalog.FindDatabase(name) != nullptr) {
    SL_TRY(context.session.RequirePrivilege("DROP", ObjectKind::kDatabase, name, ""));
  }
  const auto lock = catalog.LockForChange();
  const DatabasePtr database = catalog.FindDatabase(name);
  if (database == nullptr) {
    if (statement.if_exists) return StatementResult::Ok();
    return SqlError(code::kCantDropDatabase,
                    "Can't drop database '" + name + "'; database doesn't exist");
  }
  CatalogEdit edit;
  // The recycle bin keeps one database of a name.
  if (const DatabasePtr earlier = catalog.FindDroppedDatabase(name); earlier != nullptr) {
    edit.remove_dropped_databases.push_back(earlier->id);
    EraseContents(context, earlier->id, edit);
  }
  edit.remove_databases.push_back(database->id);
  edit.put_dropped_databases.push_back(database);
  if (statement.force) {  // the real one recovers such a database too, but empty
    EraseContents(context, database->id, edit);
  } else {
    for (const TablePtr& table : catalog.Tables(database->id)) {
      edit.remove_tables.push_back(table->id);
      edit.put_dropped.push_back({table, "", NowMs()});
    }
  }
  SL_TRY(catalog.Apply(std::move(edit)));
  return StatementResult::Ok();
}

StatementOutcome Execute(const StatementContext& context, const sql::AlterDatabase& statement) {
  SL_ASSIGN(const std::string name, ResolveDatabaseName(statement.name));
  SL_TRY(RequireDatabase(context, name));
  SL_TRY(context.session.RequirePrivilege("ALTER", ObjectKind::kDatabase, name, ""));
  if (statement.rename_to.empty()) return StatementResult::Ok();  // quotas bind nothing here
  SL_TRY(CheckDatabaseName(statement.rename_to));
  catalog::Catalog& catalog = context.catalog();
  const auto lock = catalog.LockForChange();
  SL_ASSIGN(const DatabasePtr database, RequireDatabase(context, name));
  if (name == statement.rename_to) {
    return SqlError(code::kGeneric, "Same database name");
  }
  if (catalog.FindDatabase(statement.rename_to) != nullptr ||
      IsSystemDatabase(statement.rename_to)) {
    return SqlError(code::kGeneric, "Database name[" + statement.rename_to + "] is already used");
  }
  auto renamed = std::make_shared<DatabaseDef>(*database);
  renamed->name = statement.rename_to;
  CatalogEdit edit;
  edit.put_databases.push_back(std::move(renamed));
  SL_TRY(catalog.Apply(std::move(edit)));
  return StatementResult::Ok();
}

StatementOutcome Execute(const StatementContext& context, const sql::RecoverObject& statement) {
  switch (statement.kind) {
    case sql::RecoverObject::Kind::kDatabase: {
      SL_ASSIGN(const std::string name, ResolveDatabaseName(statement.name));
      return RecoverDatabase(context, name);
    }
    case sql::RecoverObject::Kind::kTable:
      return RecoverTable(context, statement.name);
    case sql::RecoverObject::Kind::kPartition: {
      SL_ASSIGN(const TableName name, ResolveTableName(context, statement.name));
      if (context.catalog().FindTable(name.database, name.table) == nullptr) {
        return SqlError(code::kUnknownTable, "Unknown table '" + name.table + "'");
      }
      // Rows of dropped partitions are not kept.
      return SqlError(code::kGeneric, "No partition named '" + statement.partition +
                                          "' in recycle bin that belongs to table '" + name.table +
                                          "'");
    }
  }
  return StatementResult::Ok();
}

}  // namespace starlift::sandbox::ddl
