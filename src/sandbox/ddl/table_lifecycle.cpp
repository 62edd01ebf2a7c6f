#include "sandbox/ddl/table_lifecycle.h"

#include <algorithm>

#include "sandbox/ddl/statements.h"
#include "sandbox/sql/error.h"

// What is common to making, dropping and truncating tables.
namespace starlift::sandbox::ddl {

using catalog::CatalogEdit;
using catalog::ColumnDef;
using catalog::DataType;
using catalog::PartitionDef;
using catalog::TableDef;
using catalog::TableKind;
using catalog::TablePtr;
using catalog::TypeKind;
using sql::AnalyzeError;
using sql::SqlError;
using sql::StatementResult;
namespace code = sql::code;

namespace {

// Dropping a table of a name for a second time erases the first one.
void EraseEarlierDrops(const StatementContext& context, const TableName& name, CatalogEdit& edit) {
  for (const auto& earlier : context.catalog().DroppedTables(name.database, name.table)) {
    edit.remove_dropped.push_back(earlier.table->id);
    edit.storage.push_back(catalog::DropStorage{earlier.table->id});
  }
}

Error NotATable(const TableName& name, std::string_view wanted) {
  return AnalyzeError(code::kWrongObject, "'" + name.database + "'.'" + name.table + "' is not '" +
                                              std::string(wanted) + "'");
}

Error IsMaterializedView(const std::string& name, std::string_view verb) {
  const std::string quoted = "'" + name + "'";
  return AnalyzeError("The data of " + quoted + " cannot be " + std::string(verb) + " because " +
                      quoted + " is a materialized view,use 'drop materialized view " + name +
                      "' to drop it.");
}

Status RemoveMaterializedView(const StatementContext& context, const TablePtr& view) {
  CatalogEdit edit;
  edit.remove_tables.push_back(view->id);
  edit.storage.push_back(catalog::DropStorage{view->id});
  return context.catalog().Apply(std::move(edit));
}

// A synchronous materialized view is a rollup of some table of the database.
Result<bool> DropRollupNamed(const StatementContext& context, const TableName& name,
                             const catalog::DatabasePtr& database) {
  for (const TablePtr& table : context.catalog().Tables(database->id)) {
    for (size_t i = 0; i < table->rollups.size(); ++i) {
      if (table->rollups[i].name != name.table) continue;
      auto changed = std::make_shared<TableDef>(*table);
      changed->rollups.erase(changed->rollups.begin() + static_cast<ptrdiff_t>(i));
      CatalogEdit edit;
      edit.put_tables.push_back(std::move(changed));
      SL_TRY(context.catalog().Apply(std::move(edit)));
      return true;
    }
  }
  return false;
}

StatementOutcome DropMaterializedView(const StatementContext& context,
                                      const sql::DropView& statement, const TableName& name) {
  const Error not_found =
      SqlError(code::kGeneric, "Materialized view " + name.table + " is not found");
  const catalog::DatabasePtr database = context.catalog().FindDatabase(name.database);
  if (database == nullptr) {
    if (statement.if_exists) return StatementResult::Ok();
    return UnknownDatabase(name.database);
  }
  const auto lock = context.catalog().LockForChange();
  const TablePtr view = context.catalog().FindTable(name.database, name.table);
  if (view != nullptr && view->kind == TableKind::kMaterializedView) {
    SL_TRY(context.session.RequirePrivilege("DROP", ObjectKind::kMaterializedView, name.database,
                                            name.table));
    SL_TRY(RemoveMaterializedView(context, view));
    return StatementResult::Ok();
  }
  SL_ASSIGN(const bool dropped, DropRollupNamed(context, name, database));
  if (!dropped && !statement.if_exists) return not_found;
  return StatementResult::Ok();
}

}  // namespace

Status StoreNewTable(const StatementContext& context, TableDef table) {
  catalog::Catalog& catalog = context.catalog();
  table.id = catalog.NextId();
  table.base_index_id = catalog.NextId();
  for (PartitionDef& partition : table.partitions) {
    partition.id = catalog.NextId();
    partition.physical_id = catalog.NextId();
    partition.created_ms = table.created_ms;
  }
  for (catalog::IndexDef& index : table.indexes) index.id = catalog.NextId();
  auto stored = std::make_shared<const TableDef>(std::move(table));
  CatalogEdit edit;
  edit.put_tables.push_back(stored);
  if (stored->is_stored()) edit.storage.push_back(catalog::CreateStorage{stored});
  return catalog.Apply(std::move(edit));
}

Result<catalog::RollupDef> MakeRollup(const sql::RollupSpec& spec, const TableDef& table) {
  catalog::RollupDef rollup;
  rollup.name = spec.name;
  rollup.model = table.model;
  const auto generic = [](const std::string& text) { return SqlError(code::kGeneric, text); };
  if (SameName(spec.name, table.name) ||
      std::any_of(table.rollups.begin(), table.rollups.end(),
                  [&](const auto& other) { return SameName(other.name, spec.name); })) {
    return generic("Rollup index[" + spec.name + "] already exists");
  }
  if (table.model == catalog::TableModel::kPrimary) {
    return generic("Do not support add rollup on primary key table");
  }
  bool values_began = false;
  for (const std::string& name : spec.columns) {
    const ColumnDef* column = table.FindColumn(name);
    if (column == nullptr) return generic("Column[" + name + "] does not exist");
    values_began = values_began || !column->is_key;
    if (values_began && column->is_key && table.model != catalog::TableModel::kDuplicate) {
      return generic("Invalid column order. key before value: " + name);
    }
    rollup.columns.push_back(
        {column->name, column->type, column->is_key, column->nullable, column->aggregate});
  }
  if (table.model == catalog::TableModel::kDuplicate) {
    // A rollup of a Duplicate Key table has a key of its own: its leading columns.
    constexpr size_t kShortKeyColumns = 3;
    for (size_t i = 0; i < rollup.columns.size(); ++i) {
      rollup.columns[i].is_key =
          spec.duplicate_key.empty() ? i < kShortKeyColumns : i < spec.duplicate_key.size();
    }
  }
  return rollup;
}

sql::TypeSpec TypeSpecOf(const DataType& type) {
  sql::TypeSpec spec;
  for (const DataType& child : type.children) spec.children.push_back(TypeSpecOf(child));
  spec.field_names = type.field_names;
  switch (type.kind) {
    case TypeKind::kNull:
      spec.name = "BOOLEAN";
      break;
    case TypeKind::kDecimal:
      spec.name = "DECIMAL";
      spec.first = type.precision;
      spec.second = type.scale;
      break;
    case TypeKind::kChar:
    case TypeKind::kVarchar:
      spec.name = type.length > 0 ? ToUpper(catalog::InformationSchemaDataType(type)) : "STRING";
      if (type.length > 0) spec.first = type.length;
      break;
    case TypeKind::kVarbinary:
      spec.name = "VARBINARY";
      if (type.length > 0) spec.first = type.length;
      break;
    case TypeKind::kArray:
      spec.name = "ARRAY";
      break;
    case TypeKind::kMap:
      spec.name = "MAP";
      break;
    case TypeKind::kStruct:
      spec.name = "STRUCT";
      break;
    default:
      spec.name = ToUpper(catalog::DescName(type));
  }
  return spec;
}

Status RequireNoOpenJob(const StatementContext& context, const TableDef& table) {
  const catalog::JobPtr job = context.catalog().OpenJobOf(table.id);
  if (job == nullptr) return {};
  const std::string who =
      job->kind == catalog::JobKind::kRollup
          ? "A materialized view or rollup index is being created on the table \""
      : job->kind == catalog::JobKind::kOptimize
          ? "An optimize operation is in progress on the table \""
          : "A schema change operation is in progress on the table \"";
  return SqlError(code::kGeneric, who + table.name +
                                      "\". Please wait until the current operation completes.\n"
                                      "To check the status of the operation, see "
                                      "https://docs.starrocks.io/docs/sql-reference/sql-statements/"
                                      "data-manipulation/SHOW_ALTER");
}

StatementOutcome Execute(const StatementContext& context, const sql::DropTable& statement) {
  SL_ASSIGN(const TableName name, ResolveTableName(context, statement.name));
  catalog::Catalog& catalog = context.catalog();
  const auto lock = catalog.LockForChange();
  if (catalog.FindDatabase(name.database) == nullptr) {
    if (IsSystemDatabase(name.database)) {
      SL_TRY(
          context.session.RequirePrivilege("DROP", ObjectKind::kTable, name.database, name.table));
    }
    return UnknownDatabase(name.database);
  }
  const TablePtr table = catalog.FindTable(name.database, name.table);
  if (table == nullptr) {
    if (statement.if_exists) return StatementResult::Ok();
    return UnknownTable(name.table);
  }
  if (table->kind == TableKind::kView) return NotATable(name, "TABLE");
  if (table->kind == TableKind::kMaterializedView) return IsMaterializedView(name.table, "dropped");
  SL_TRY(context.session.RequirePrivilege("DROP", ObjectKind::kTable, name.database, name.table));
  CatalogEdit edit;
  EraseEarlierDrops(context, name, edit);
  edit.remove_tables.push_back(table->id);
  if (const catalog::JobPtr job = catalog.OpenJobOf(table->id); job != nullptr) {
    auto cancelled = std::make_shared<catalog::AlterJob>(*job);
    cancelled->state = catalog::JobState::kCancelled;
    cancelled->message = "table is dropped";
    cancelled->finished_ms = NowMs();
    edit.put_jobs.push_back(std::move(cancelled));
  }
  if (statement.force && table->is_stored()) {
    edit.storage.push_back(catalog::DropStorage{table->id});
  } else if (table->is_stored()) {
    edit.put_dropped.push_back({table, name.database, NowMs()});
  }
  SL_TRY(catalog.Apply(std::move(edit)));
  return StatementResult::Ok();
}

StatementOutcome Execute(const StatementContext& context, const sql::TruncateTable& statement) {
  SL_ASSIGN(const TableName name, ResolveTableName(context, statement.name));
  SL_TRY(RequireDatabase(context, name.database));
  catalog::Catalog& catalog = context.catalog();
  const auto lock = catalog.LockForChange();
  const TablePtr table = catalog.FindTable(name.database, name.table);
  if (table == nullptr) return TableNotFound(name.table);
  SL_TRY(
      context.session.RequirePrivilege("DELETE", ObjectKindOf(*table), name.database, name.table));
  if (!table->is_table()) {
    return SqlError(code::kGeneric, "Only support truncate OLAP table or LAKE table");
  }
  SL_TRY(RequireNoOpenJob(context, *table));
  CatalogEdit edit;
  if (statement.partitions.empty()) {
    edit.storage.push_back(catalog::TruncateStorage{table});
  } else {
    catalog::RemovePartitionRows removal{table, {}};
    for (const std::string& partition_name : statement.partitions) {
      const PartitionDef* partition = table->FindPartition(partition_name);
      if (partition == nullptr) {
        return SqlError(code::kGeneric, "Partition " + partition_name + " does not exist");
      }
      removal.partition_ids.push_back(partition->id);
    }
    edit.storage.push_back(std::move(removal));
  }
  SL_TRY(catalog.Apply(std::move(edit)));
  return StatementResult::Ok();
}

StatementOutcome Execute(const StatementContext& context, const sql::DropView& statement) {
  SL_ASSIGN(const TableName name, ResolveTableName(context, statement.name));
  if (statement.materialized) return DropMaterializedView(context, statement, name);
  catalog::Catalog& catalog = context.catalog();
  SL_TRY(RequireDatabase(context, name.database));
  const auto lock = catalog.LockForChange();
  const TablePtr view = catalog.FindTable(name.database, name.table);
  if (view == nullptr) {
    if (statement.if_exists) return StatementResult::Ok();
    return UnknownTable(name.table);
  }
  if (view->is_table() || view->is_external()) return NotATable(name, "VIEW");
  if (view->kind == TableKind::kMaterializedView) return IsMaterializedView(name.table, "dropped");
  SL_TRY(context.session.RequirePrivilege("DROP", ObjectKind::kView, name.database, name.table));
  CatalogEdit edit;
  edit.remove_tables.push_back(view->id);
  SL_TRY(catalog.Apply(std::move(edit)));
  return StatementResult::Ok();
}

}  // namespace starlift::sandbox::ddl
