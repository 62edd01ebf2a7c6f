#include <algorithm>

#include "sandbox/ddl/column_analysis.h"
#include "sandbox/ddl/statements.h"
#include "sandbox/ddl/table_lifecycle.h"
#include "sandbox/sql/error.h"

// CREATE and ALTER VIEW.
namespace starlift::sandbox::ddl {

using catalog::ColumnDef;
using catalog::TableDef;
using catalog::TableKind;
using catalog::TablePtr;
using sql::AnalyzeError;
using sql::SqlError;
using sql::StatementResult;
namespace code = sql::code;

namespace {

// Gives the view the columns of its query, under the names stated if any are.
Status SetColumns(const AnalyzedQuery& query, const std::vector<sql::ViewColumn>& names,
                  TableDef& view) {
  if (!names.empty() && names.size() != query.columns.size()) {
    return SqlError(code::kGeneric,
                    "Getting analyzing error. Detail message: Column number of view does not equal "
                    "to query's select list column number.");
  }
  view.columns.clear();
  for (size_t i = 0; i < query.columns.size(); ++i) {
    ColumnDef column;
    column.id = static_cast<int32_t>(i) + 1;
    column.name = names.empty() ? query.columns[i].name : names[i].name;
    column.type = query.columns[i].type;
    column.nullable = query.columns[i].nullable;
    if (!names.empty()) column.comment = names[i].comment.value_or("");
    if (view.FindColumn(column.name) != nullptr) {
      return AnalyzeError(code::kDuplicateColumn, "Duplicate column name '" + column.name + "'");
    }
    view.columns.push_back(std::move(column));
  }
  return {};
}

Status CreateOrReplace(const StatementContext& context, TableDef view, const TablePtr& replaced) {
  if (replaced == nullptr) return StoreNewTable(context, std::move(view));
  view.id = replaced->id;
  view.base_index_id = replaced->base_index_id;
  catalog::CatalogEdit edit;
  edit.put_tables.push_back(std::make_shared<TableDef>(std::move(view)));
  return context.catalog().Apply(std::move(edit));
}

}  // namespace

StatementOutcome Execute(const StatementContext& context, const sql::CreateView& statement) {
  SL_ASSIGN(const TableName name, ResolveTableName(context, statement.name));
  SL_ASSIGN(const catalog::DatabasePtr database, RequireDatabase(context, name.database));
  SL_TRY(context.session.RequirePrivilege("CREATE VIEW", ObjectKind::kDatabase, name.database, ""));
  catalog::Catalog& catalog = context.catalog();
  if (catalog.FindTable(name.database, name.table) != nullptr && statement.if_not_exists) {
    return StatementResult::Ok();
  }
  SL_ASSIGN(const AnalyzedQuery query,
            context.environment.analyzer->AnalyzeQuery(context.session, statement.query.text,
                                                       statement.query.begin));
  TableDef view;
  view.database_id = database->id;
  view.name = name.table;
  view.kind = TableKind::kView;
  view.comment = statement.comment.value_or("");
  view.created_ms = NowMs();
  view.query = query.printed;
  view.original_query = std::string(statement.query.text);
  view.security_invoker = statement.security_invoker;
  SL_TRY(SetColumns(query, statement.columns, view));

  const auto lock = catalog.LockForChange();
  const TablePtr existing = catalog.FindTable(name.database, name.table);
  if (existing != nullptr) {
    if (statement.if_not_exists) return StatementResult::Ok();
    if (!statement.or_replace) {
      return SqlError(code::kTableExists, "Table '" + name.table + "' already exists");
    }
    if (existing->kind != TableKind::kView) {
      return SqlError(code::kTableExists, "Table '" + name.table + "' already exists");
    }
  }
  SL_TRY(CreateOrReplace(context, std::move(view), existing));
  return StatementResult::Ok();
}

StatementOutcome Execute(const StatementContext& context, const sql::AlterView& statement) {
  SL_ASSIGN(const TableName name, ResolveTableName(context, statement.name));
  SL_TRY(RequireDatabase(context, name.database));
  catalog::Catalog& catalog = context.catalog();
  const TablePtr view = catalog.FindTable(name.database, name.table);
  if (view == nullptr) return TableNotFound(name.table);
  if (view->kind != TableKind::kView) {
    return AnalyzeError("The specified table [" + name.database + "." + name.table +
                        "] is not a view");
  }
  SL_TRY(context.session.RequirePrivilege("ALTER", ObjectKind::kView, name.database, name.table));
  TableDef changed = *view;
  if (statement.security_invoker.has_value())
    changed.security_invoker = *statement.security_invoker;
  if (statement.query.has_value()) {
    SL_ASSIGN(const AnalyzedQuery query,
              context.environment.analyzer->AnalyzeQuery(context.session, statement.query->text,
                                                         statement.query->begin));
    changed.query = query.printed;
    changed.original_query = std::string(statement.query->text);
    SL_TRY(SetColumns(query, statement.columns, changed));
  }
  const auto lock = catalog.LockForChange();
  catalog::CatalogEdit edit;
  edit.put_tables.push_back(std::make_shared<TableDef>(std::move(changed)));
  SL_TRY(catalog.Apply(std::move(edit)));
  return StatementResult::Ok();
}

}  // namespace starlift::sandbox::ddl
