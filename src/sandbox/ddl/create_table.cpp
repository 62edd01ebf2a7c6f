#include <algorithm>

#include "sandbox/ddl/column_analysis.h"
#include "sandbox/ddl/distribution_analysis.h"
#include "sandbox/ddl/external_tables.h"
#include "sandbox/ddl/generated_column.h"
#include "sandbox/ddl/index_analysis.h"
#include "sandbox/ddl/key_analysis.h"
#include "sandbox/ddl/partition_analysis.h"
#include "sandbox/ddl/statements.h"
#include "sandbox/ddl/table_lifecycle.h"
#include "sandbox/ddl/table_properties.h"
#include "sandbox/sql/error.h"

// CREATE TABLE.
namespace starlift::sandbox::ddl {

using catalog::ColumnDef;
using catalog::TableDef;
using sql::AnalyzeError;
using sql::SqlError;
using sql::StatementResult;
namespace code = sql::code;

namespace {

constexpr size_t kMaxTableName = 1024;
constexpr size_t kMaxColumns = 10000;

Status CheckTableName(const std::string& name) {
  if (name.empty()) return AnalyzeError("Table name is null");
  if (name.size() > kMaxTableName || name.find('\0') != std::string::npos) {
    return AnalyzeError("Incorrect table name '" + name + "'");
  }
  return {};
}

Status AddColumns(const Environment& environment, const sql::CreateTable& statement,
                  TableDef& table) {
  const ColumnRules rules{table.model, false};
  bool has_auto_increment = false;
  for (size_t i = 0; i < statement.columns.size(); ++i) {
    const sql::ColumnSpec& spec = statement.columns[i];
    SL_ASSIGN(ColumnDef column, AnalyzeColumn(spec, rules, i < table.key_columns.size()));
    if (table.FindColumn(column.name) != nullptr) {
      return AnalyzeError(code::kDuplicateColumn, "Duplicate column name '" + column.name + "'");
    }
    if (column.auto_increment && has_auto_increment) {
      return AnalyzeError("More than one AUTO_INCREMENT column defined in CREATE TABLE Statement");
    }
    has_auto_increment = has_auto_increment || column.auto_increment;
    column.id = table.next_column_id++;
    table.columns.push_back(std::move(column));
  }
  if (table.columns.size() > kMaxColumns) {
    return AnalyzeError("max_column_number_per_table is " + std::to_string(kMaxColumns));
  }
  for (size_t i = 0; i < statement.columns.size(); ++i) {
    if (!statement.columns[i].generated.has_value()) continue;
    SL_TRY(AnalyzeGeneratedColumn(environment, *statement.columns[i].generated, table,
                                  table.columns[i]));
  }
  return CheckGeneratedColumnsLast(table);
}

Status AddIndexes(const std::vector<sql::IndexSpec>& indexes, TableDef& table) {
  for (size_t i = 0; i < indexes.size(); ++i) {
    for (size_t j = i + 1; j < indexes.size(); ++j) {
      if (SameName(indexes[i].name, indexes[j].name)) {
        return sql::AnalyzeErrorAt(indexes[i].begin, indexes[i].end, "index name must be unique");
      }
    }
    SL_TRY(AddIndex(indexes[i], table));
  }
  return {};
}

// Everything but ids of the table that a statement describes.
Result<TableDef> Analyze(const StatementContext& context, const sql::CreateTable& statement,
                         const std::string& name) {
  const Environment& environment = context.environment;
  TableDef table;
  table.name = name;
  table.created_ms = NowMs();
  table.comment = statement.comment.value_or("");
  SL_ASSIGN(const TableKey key, AnalyzeKey(statement));
  table.model = key.model;
  table.key_columns = key.columns;
  SL_TRY(AddColumns(environment, statement, table));
  SL_TRY(AnalyzePartitionBy(environment, statement, table));
  SL_TRY(AnalyzeDistribution(statement.distribution, table));
  SL_TRY(CheckSortKey(statement.order_by, table));
  for (const std::string& column : statement.order_by) {
    table.sort_columns.push_back(table.FindColumn(column)->name);
  }
  SL_TRY(AddIndexes(statement.indexes, table));
  return table;
}

// What the real one checks only when it makes the table: properties and buckets.
Status Finish(const StatementContext& context, const sql::CreateTable& statement,
              const catalog::DatabaseDef& database, TableDef& table) {
  table.database_id = database.id;
  sql::Properties properties = statement.properties;
  const auto inherited = database.properties.find(kReplicationNum);
  const bool stated = std::any_of(properties.begin(), properties.end(),
                                  [](const auto& entry) { return entry.first == kReplicationNum; });
  if (inherited != database.properties.end() && !stated) properties.push_back(*inherited);
  SL_TRY(ApplyNewTableProperties(context.environment, properties, table));
  SL_TRY(CheckDistributionKey(table));
  AddDynamicPartitions(table);
  ResolvePartitions(context.environment, table);
  return {};
}

StatementOutcome CreateFromColumns(const StatementContext& context,
                                   const sql::CreateTable& statement, const TableName& name,
                                   const catalog::DatabasePtr& database) {
  catalog::Catalog& catalog = context.catalog();
  if (catalog.FindTable(name.database, name.table) != nullptr) {
    if (statement.if_not_exists) return StatementResult::Ok();
    return SqlError(code::kTableExists, "Table '" + name.table + "' already exists");
  }
  SL_ASSIGN(TableDef table, Analyze(context, statement, name.table));
  const auto lock = catalog.LockForChange();
  if (catalog.FindTable(name.database, name.table) != nullptr) {
    if (statement.if_not_exists) return StatementResult::Ok();
    return SqlError(code::kTableExists, "Table '" + name.table + "' already exists");
  }
  SL_TRY(Finish(context, statement, *database, table));
  for (const sql::RollupSpec& rollup : statement.rollups) {
    SL_ASSIGN(catalog::RollupDef made, MakeRollup(rollup, table));
    made.id = catalog.NextId();
    table.rollups.push_back(std::move(made));
  }
  SL_TRY(StoreNewTable(context, std::move(table)));
  return StatementResult::Ok();
}

StatementOutcome CreateExternal(const StatementContext& context, const sql::CreateTable& statement,
                                const TableName& name, const catalog::DatabasePtr& database) {
  catalog::Catalog& catalog = context.catalog();
  const auto lock = catalog.LockForChange();
  if (catalog.FindTable(name.database, name.table) != nullptr) {
    if (statement.if_not_exists) return StatementResult::Ok();
    return SqlError(code::kTableExists, "Table '" + name.table + "' already exists");
  }
  SL_ASSIGN(TableDef table, AnalyzeExternalTable(catalog, statement, name.table));
  table.database_id = database->id;
  SL_TRY(StoreNewTable(context, std::move(table)));
  return StatementResult::Ok();
}

StatementOutcome CreateLike(const StatementContext& context, const sql::CreateTable& statement,
                            const TableName& name, const catalog::DatabasePtr& database) {
  SL_ASSIGN(const TableName source_name, ResolveTableName(context, *statement.like));
  SL_TRY(RequireDatabase(context, source_name.database));
  catalog::Catalog& catalog = context.catalog();
  const auto lock = catalog.LockForChange();
  const catalog::TablePtr source = catalog.FindTable(source_name.database, source_name.table);
  if (source == nullptr) return UnknownTable(source_name.database + "." + source_name.table);
  if (catalog.FindTable(name.database, name.table) != nullptr) {
    if (statement.if_not_exists) return StatementResult::Ok();
    return SqlError(code::kTableExists, "Table '" + name.table + "' already exists");
  }
  if (source->is_external()) return CannotRead(*source);
  if (!source->is_table()) {
    return SqlError(code::kGeneric, "Table [" + source_name.table + "] is a view");
  }
  TableDef table = *source;
  table.name = name.table;
  table.database_id = database->id;
  table.created_ms = NowMs();
  table.schema_version = 0;
  table.rollups.clear();
  if (table.partitioning.kind == catalog::PartitionKind::kNone) {
    table.partitions.front().name = name.table;
  }
  SL_TRY(StoreNewTable(context, std::move(table)));
  return StatementResult::Ok();
}

sql::ColumnSpec SpecOf(const AnalyzedColumn& column, const std::string& name) {
  sql::ColumnSpec spec;
  spec.name = name;
  spec.nullable = column.nullable ? std::nullopt : std::optional<bool>(false);
  spec.type = TypeSpecOf(column.type);
  return spec;
}

StatementOutcome CreateFromQuery(const StatementContext& context, const sql::CreateTable& statement,
                                 const TableName& name, const catalog::DatabasePtr& database) {
  SL_ASSIGN(const AnalyzedQuery query,
            context.environment.analyzer->AnalyzeQuery(context.session, statement.query->text,
                                                       statement.query->begin));
  const auto& names = statement.query_columns;
  if (!names.empty() && names.size() != query.columns.size()) {
    return AnalyzeError("Number of select columns(" + std::to_string(query.columns.size()) +
                        ") not match number of target columns(" + std::to_string(names.size()) +
                        ")");
  }
  sql::CreateTable table = statement;
  table.query.reset();
  for (size_t i = 0; i < query.columns.size(); ++i) {
    table.columns.push_back(
        SpecOf(query.columns[i], names.empty() ? query.columns[i].name : names[i]));
  }
  SL_ASSIGN(StatementResult made, CreateFromColumns(context, table, name, database));
  const Result<uint64_t> rows = context.environment.analyzer->InsertFromQuery(
      context.session, name.database, name.table, statement.query->text);
  if (!rows.ok()) {
    // The table of a failed CREATE TABLE AS does not stay.
    const auto lock = context.catalog().LockForChange();
    if (const auto table_made = context.catalog().FindTable(name.database, name.table)) {
      catalog::CatalogEdit edit;
      edit.remove_tables.push_back(table_made->id);
      edit.storage.push_back(catalog::DropStorage{table_made->id});
      SL_TRY(context.catalog().Apply(std::move(edit)));
    }
    return rows.error();
  }
  made.affected = rows.value();
  return made;
}

}  // namespace

StatementOutcome Execute(const StatementContext& context, const sql::CreateTable& statement) {
  SL_ASSIGN(const TableName name, ResolveTableName(context, statement.name));
  SL_TRY(CheckTableName(name.table));
  SL_ASSIGN(const bool external, IsExternalEngine(statement));
  SL_ASSIGN(const catalog::DatabasePtr database, RequireDatabase(context, name.database));
  SL_TRY(
      context.session.RequirePrivilege("CREATE TABLE", ObjectKind::kDatabase, name.database, ""));
  if (statement.like.has_value()) return CreateLike(context, statement, name, database);
  if (external) return CreateExternal(context, statement, name, database);
  if (statement.query.has_value()) return CreateFromQuery(context, statement, name, database);
  return CreateFromColumns(context, statement, name, database);
}

}  // namespace starlift::sandbox::ddl
