#include <algorithm>

#include "sandbox/ddl/alter_clauses.h"
#include "sandbox/ddl/column_analysis.h"
#include "sandbox/ddl/distribution_analysis.h"
#include "sandbox/ddl/partition_analysis.h"
#include "sandbox/ddl/statements.h"
#include "sandbox/ddl/table_lifecycle.h"
#include "sandbox/ddl/table_properties.h"
#include "sandbox/sql/error.h"
#include "sandbox/sql/lexer.h"

// CREATE, ALTER and REFRESH MATERIALIZED VIEW. Only definitions: a query on the view runs its
// query.
namespace starlift::sandbox::ddl {

using catalog::CatalogEdit;
using catalog::ColumnDef;
using catalog::RefreshScheme;
using catalog::TableDef;
using catalog::TableKind;
using catalog::TablePtr;
using sql::AnalyzeError;
using sql::SqlError;
using sql::StatementResult;
namespace code = sql::code;

namespace {

constexpr std::string_view kKnownProperties[] = {"replication_num",
                                                 "storage_medium",
                                                 "storage_cooldown_time",
                                                 "partition_ttl_number",
                                                 "partition_ttl",
                                                 "partition_refresh_number",
                                                 "partition_refresh_strategy",
                                                 "auto_refresh_partitions_limit",
                                                 "excluded_trigger_tables",
                                                 "excluded_refresh_tables",
                                                 "force_external_table_query_rewrite",
                                                 "query_rewrite_consistency",
                                                 "mv_rewrite_staleness_second",
                                                 "resource_group",
                                                 "colocate_with",
                                                 "unique_constraints",
                                                 "foreign_key_constraints",
                                                 "bloom_filter_columns",
                                                 "compression",
                                                 "enable_query_rewrite",
                                                 "mv_sort_keys",
                                                 "warehouse",
                                                 "labels.location",
                                                 "transparent_mv_rewrite_mode",
                                                 "replicated_storage",
                                                 "query_rewrite",
                                                 "partition_retention_condition"};
// Those that ALTER … SET takes.
constexpr std::string_view kChangeableProperties[] = {"partition_ttl_number",
                                                      "partition_ttl",
                                                      "partition_refresh_number",
                                                      "auto_refresh_partitions_limit",
                                                      "excluded_trigger_tables",
                                                      "excluded_refresh_tables",
                                                      "force_external_table_query_rewrite",
                                                      "query_rewrite_consistency",
                                                      "mv_rewrite_staleness_second",
                                                      "resource_group",
                                                      "unique_constraints",
                                                      "foreign_key_constraints",
                                                      "enable_query_rewrite",
                                                      "mv_sort_keys",
                                                      "warehouse",
                                                      "colocate_with",
                                                      "bloom_filter_columns",
                                                      "labels.location",
                                                      "transparent_mv_rewrite_mode",
                                                      "partition_refresh_strategy",
                                                      "partition_retention_condition"};
constexpr std::string_view kSessionHint =
    ", please add `session.` prefix if you want add session variables for mv(eg, "
    "\"session.insert_timeout\"=\"30000000\").";

template <size_t kCount>
std::map<std::string, std::string> UnknownProperties(const sql::Properties& properties,
                                                     const std::string_view (&known)[kCount]) {
  std::map<std::string, std::string> unknown;
  for (const auto& [key, value] : properties) {
    const bool found = std::find(std::begin(known), std::end(known), key) != std::end(known);
    if (!found && !key.starts_with("session.")) unknown[key] = value;
  }
  return unknown;
}

RefreshScheme ToRefresh(const sql::RefreshSpec& spec) {
  RefreshScheme refresh;
  refresh.moment =
      spec.deferred ? RefreshScheme::Moment::kDeferred : RefreshScheme::Moment::kImmediate;
  refresh.kind = spec.kind == "MANUAL"        ? RefreshScheme::Kind::kManual
                 : spec.kind == "INCREMENTAL" ? RefreshScheme::Kind::kIncremental
                                              : RefreshScheme::Kind::kAsync;
  refresh.start = spec.start;
  refresh.every = static_cast<int>(spec.every);
  refresh.every_unit = spec.every_unit;
  return refresh;
}

Status SetColumns(const sql::CreateMaterializedView& statement, const AnalyzedQuery& query,
                  TableDef& view) {
  if (!statement.columns.empty() && statement.columns.size() != query.columns.size()) {
    return AnalyzeError(
        "Column number of view does not equal to query's select list column number");
  }
  for (size_t i = 0; i < query.columns.size(); ++i) {
    ColumnDef column;
    column.id = view.next_column_id++;
    column.name = statement.columns.empty() ? query.columns[i].name : statement.columns[i].name;
    column.type = query.columns[i].type;
    // Texts of a query have no length of their own.
    if (column.type.kind == catalog::TypeKind::kVarchar && column.type.length <= 0) {
      column.type.length = catalog::kMaxVarcharLength;
    }
    if (column.type.kind == catalog::TypeKind::kNull) {
      column.type = catalog::DataType::Of(catalog::TypeKind::kBoolean);
    }
    column.nullable = query.columns[i].nullable;
    if (!statement.columns.empty()) column.comment = statement.columns[i].comment.value_or("");
    if (view.FindColumn(column.name) != nullptr) {
      return AnalyzeError(code::kDuplicateColumn, "Duplicate column name '" + column.name + "'");
    }
    view.columns.push_back(std::move(column));
  }
  return {};
}

// The leading columns that can be keys, as for a table without a key clause.
void ChooseKey(TableDef& view) {
  constexpr size_t kShortKeyColumns = 3;
  for (ColumnDef& column : view.columns) {
    if (view.key_columns.size() >= kShortKeyColumns || !CanBeKey(column.type)) break;
    column.is_key = true;
    view.key_columns.push_back(column.name);
    if (column.type.kind == catalog::TypeKind::kVarchar) break;
  }
}

Status SetPartitioning(const sql::CreateMaterializedView& statement, TableDef& view) {
  for (const sql::TextRange& range : statement.partition_by) {
    const auto tokens = sql::Tokenize(range.text);
    for (const sql::Token& token : tokens) {
      const bool is_call = &token + 1 < tokens.data() + tokens.size() && (&token + 1)->Is("(");
      if (!token.IsName() || is_call) continue;
      const ColumnDef* column = view.FindColumn(token.Name());
      if (column == nullptr) {
        return AnalyzeError("Materialized view partition exp column:" + token.Name() +
                            " is not found in query statement");
      }
      view.partitioning.columns.push_back(column->name);
    }
    if (tokens.size() > 2) view.partitioning.expression = std::string(range.text);
  }
  return {};
}

Status SetProperties(const StatementContext& context, const sql::CreateMaterializedView& statement,
                     TableDef& view) {
  const auto unknown = UnknownProperties(statement.properties, kKnownProperties);
  if (!unknown.empty()) {
    return AnalyzeError(code::kInvalidParameter,
                        "Invalid parameter Analyze materialized properties failed because unknown "
                        "properties: " +
                            MapText(unknown) + std::string(kSessionHint));
  }
  SL_ASSIGN(const int replicas, ReplicationNum(context.environment, statement.properties));
  for (const auto& [key, value] : statement.properties) view.properties[key] = value;
  view.properties["replicated_storage"] = "true";
  view.properties[kReplicationNum] = std::to_string(replicas);
  view.properties.try_emplace("storage_medium", "HDD");
  return {};
}

// CREATE MATERIALIZED VIEW mv AS SELECT k, sum(v) FROM t GROUP BY k: a rollup of its one table.
StatementOutcome CreateSynchronous(const StatementContext& context, const TableName& name,
                                   const AnalyzedQuery& query) {
  catalog::Catalog& catalog = context.catalog();
  const auto lock = catalog.LockForChange();
  if (query.sources.size() != 1) {
    return AnalyzeError("The materialized view only support one table in from clause.");
  }
  const TablePtr table =
      catalog.FindTable(query.sources.front().first, query.sources.front().second);
  if (table == nullptr || !table->is_table()) {
    return AnalyzeError("The materialized view only support olap table.");
  }
  SL_TRY(RequireNoOpenJob(context, *table));
  catalog::RollupDef rollup;
  rollup.id = catalog.NextId();
  rollup.name = name.table;
  for (const AnalyzedColumn& column : query.columns) {
    catalog::RollupColumn rolled;
    rolled.type = column.type;
    rolled.nullable = column.nullable;
    const ColumnDef* base = table->FindColumn(column.name);
    const size_t open = column.name.find('(');
    if (base == nullptr && open != std::string::npos) {
      // sum(v) is kept in a column mv_sum_v.
      const std::string function = ToLower(column.name.substr(0, open));
      const std::string argument = column.name.substr(open + 1, column.name.find(')') - open - 1);
      rolled.name = "mv_" + function + "_" + argument;
      rolled.aggregate = function == "min"   ? catalog::AggregateKind::kMin
                         : function == "max" ? catalog::AggregateKind::kMax
                                             : catalog::AggregateKind::kSum;
      rollup.model = catalog::TableModel::kAggregate;
    } else {
      rolled.name = column.name;
      rolled.is_key = true;
    }
    rollup.columns.push_back(std::move(rolled));
  }
  TableDef result = *table;
  result.rollups.push_back(std::move(rollup));
  CatalogEdit edit;
  AddSchemaChangeJob(context, *table, std::move(result), AlterSpeed::kInJob,
                     catalog::JobKind::kRollup, edit);
  SL_TRY(catalog.Apply(std::move(edit)));
  return StatementResult::Ok();
}

bool IsSynchronous(const sql::CreateMaterializedView& statement) {
  return !statement.refresh.has_value() && !statement.distribution.has_value() &&
         statement.partition_by.empty();
}

Result<TableDef> Analyze(const StatementContext& context,
                         const sql::CreateMaterializedView& statement, const TableName& name,
                         const catalog::DatabaseDef& database, const AnalyzedQuery& query) {
  TableDef view;
  view.database_id = database.id;
  view.name = name.table;
  view.kind = TableKind::kMaterializedView;
  view.comment = statement.comment.value_or("");
  view.created_ms = NowMs();
  view.query = query.printed_simple;
  view.original_query = std::string(statement.query.text);
  view.refresh = ToRefresh(statement.refresh.value_or(sql::RefreshSpec{}));
  SL_TRY(SetColumns(statement, query, view));
  ChooseKey(view);
  SL_TRY(SetPartitioning(statement, view));
  SL_TRY(AnalyzeDistribution(statement.distribution, view));
  for (const std::string& column : statement.order_by) {
    if (view.FindColumn(column) == nullptr) {
      return AnalyzeError("Sort key column(" + column + ") doesn't exist");
    }
    view.sort_columns.push_back(view.FindColumn(column)->name);
  }
  SL_TRY(SetProperties(context, statement, view));
  catalog::PartitionDef partition;
  partition.name = name.table;
  view.partitions.push_back(std::move(partition));
  ResolvePartitions(context.environment, view);
  return view;
}

Result<TablePtr> FindView(const StatementContext& context, const TableName& name) {
  SL_TRY(RequireDatabase(context, name.database));
  TablePtr view = context.catalog().FindTable(name.database, name.table);
  if (view == nullptr) return TableNotFound(name.table);
  if (view->kind != TableKind::kMaterializedView) {
    return AnalyzeError(name.table + " is not async materialized view");
  }
  return view;
}

Status CheckChangedProperties(const sql::Properties& properties) {
  const auto unknown = UnknownProperties(properties, kChangeableProperties);
  if (unknown.empty()) return {};
  return AnalyzeError("Modify failed because unknown properties: " + MapText(unknown) +
                      std::string(kSessionHint));
}

}  // namespace

StatementOutcome Execute(const StatementContext& context,
                         const sql::CreateMaterializedView& statement) {
  SL_ASSIGN(const TableName name, ResolveTableName(context, statement.name));
  SL_ASSIGN(const catalog::DatabasePtr database, RequireDatabase(context, name.database));
  SL_TRY(context.session.RequirePrivilege("CREATE MATERIALIZED VIEW", ObjectKind::kDatabase,
                                          name.database, ""));
  catalog::Catalog& catalog = context.catalog();
  const auto exists = [&]() -> std::optional<StatementOutcome> {
    if (catalog.FindTable(name.database, name.table) == nullptr) return std::nullopt;
    if (statement.if_not_exists) return StatementOutcome(StatementResult::Ok());
    return StatementOutcome(
        SqlError(code::kTableExists, "Table '" + name.table + "' already exists"));
  };
  SL_ASSIGN(const AnalyzedQuery query,
            context.environment.analyzer->AnalyzeQuery(context.session, statement.query.text,
                                                       statement.query.begin));
  if (const auto outcome = exists()) return *outcome;
  if (IsSynchronous(statement)) return CreateSynchronous(context, name, query);
  SL_ASSIGN(TableDef view, Analyze(context, statement, name, *database, query));
  const auto lock = catalog.LockForChange();
  if (const auto outcome = exists()) return *outcome;
  SL_TRY(StoreNewTable(context, std::move(view)));
  return StatementResult::Ok();
}

StatementOutcome Execute(const StatementContext& context,
                         const sql::AlterMaterializedView& statement) {
  using Kind = sql::AlterMaterializedView::Kind;
  SL_ASSIGN(const TableName name, ResolveTableName(context, statement.name));
  catalog::Catalog& catalog = context.catalog();
  const auto lock = catalog.LockForChange();
  SL_ASSIGN(const TablePtr view, FindView(context, name));
  SL_TRY(context.session.RequirePrivilege("ALTER", ObjectKind::kMaterializedView, name.database,
                                          name.table));
  TableDef changed = *view;
  CatalogEdit edit;
  switch (statement.kind) {
    case Kind::kRename:
      if (statement.new_name == name.table) {
        return AnalyzeError("Same materialized view name " + name.table);
      }
      if (catalog.FindTable(name.database, statement.new_name) != nullptr) {
        return SqlError(code::kGeneric,
                        "Materialized view [" + statement.new_name + "] is already used");
      }
      changed.name = statement.new_name;
      break;
    case Kind::kRefresh: {
      const RefreshScheme::Moment moment = changed.refresh.moment;
      changed.refresh = ToRefresh(statement.refresh);
      changed.refresh.moment = moment;
      break;
    }
    case Kind::kSet:
      SL_TRY(CheckChangedProperties(statement.properties));
      for (const auto& [key, value] : statement.properties) changed.properties[key] = value;
      break;
    case Kind::kActive:
      changed.active = true;
      break;
    case Kind::kInactive:
      changed.active = false;
      break;
    case Kind::kSwap: {
      const TablePtr other = catalog.FindTable(name.database, statement.new_name);
      if (other == nullptr || other->kind != TableKind::kMaterializedView) {
        return SqlError(code::kGeneric,
                        "Materialized view [" + statement.new_name + "] does not exist");
      }
      auto swapped = std::make_shared<TableDef>(*other);
      swapped->name = name.table;
      edit.put_tables.push_back(std::move(swapped));
      changed.name = statement.new_name;
      break;
    }
  }
  edit.put_tables.push_back(std::make_shared<TableDef>(std::move(changed)));
  SL_TRY(catalog.Apply(std::move(edit)));
  return StatementResult::Ok();
}

StatementOutcome Execute(const StatementContext& context,
                         const sql::RefreshMaterializedView& statement) {
  SL_ASSIGN(const TableName name, ResolveTableName(context, statement.name));
  SL_TRY(RequireDatabase(context, name.database));
  const TablePtr view = context.catalog().FindTable(name.database, name.table);
  const bool found = view != nullptr && view->kind == TableKind::kMaterializedView;
  if (statement.cancel) {
    if (!found) return SqlError(code::kGeneric, name.table + " is not a materialized view");
    return StatementResult::Ok();
  }
  if (!found) {
    return sql::AnalyzeErrorAt(statement.name.position,
                               "Can not find materialized view:" + name.table);
  }
  SL_TRY(context.session.RequirePrivilege("REFRESH", ObjectKind::kMaterializedView, name.database,
                                          name.table));
  StatementResult result = StatementResult::Rows(sql::TextColumns({"QUERY_ID"}));
  result.rows.push_back({"00000000-0000-0000-0000-000000000000"});
  return result;
}

}  // namespace starlift::sandbox::ddl
