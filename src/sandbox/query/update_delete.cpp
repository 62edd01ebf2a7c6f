#include <algorithm>
#include <cctype>

#include "sandbox/query/dml_target.h"
#include "sandbox/query/expression_analyzer.h"
#include "sandbox/query/types.h"
#include "sandbox/storage/catalog_storage.h"
#include "sandbox/storage/merge.h"

namespace starlift::sandbox::query {
namespace {

using catalog::ColumnDef;
using catalog::DataType;
using catalog::TableDef;
using catalog::TypeKind;

constexpr std::string_view kAlias = "target";

// The table's own columns under its name or alias.
void AddTarget(const DmlTarget& target, const std::string& alias, Scope* scope) {
  for (const ColumnDef& definition : target.table->columns) {
    ScopeColumn column;
    column.relation = alias.empty() ? target.table->name : alias;
    if (alias.empty()) column.database = target.database->name;
    column.name = definition.name;
    column.type = definition.type;
    column.nullable = definition.nullable;
    column.sql = std::string(kAlias) + "." + definition.physical_name();
    column.printed = "`" + definition.name + "`";
    scope->columns.push_back(std::move(column));
  }
}

// FROM, WHERE and WITH of an UPDATE or DELETE.
struct Source {
  std::string with;
  std::string from;   // the target and what it is joined with
  std::string where;  // with " WHERE ", or empty
};

Result<Source> AnalyzeSource(QueryAnalyzer* queries, AnalysisContext* context,
                             const DmlTarget& target, const std::vector<CommonTable>& with,
                             const RelationPtr& other, const ExprPtr& condition, Scope* scope) {
  Source source;
  if (!with.empty()) {
    std::string printed;
    SL_ASSIGN(source.with, queries->DefineCommonTables(with, nullptr, &printed));
  }
  source.from = target.table->physical_name() + " AS " + std::string(kAlias);
  if (other) {
    SL_ASSIGN(const QueryAnalyzer::From from, queries->AnalyzeRelation(*other, scope));
    source.from += ", " + from.sql;
  }
  if (condition) {
    ExpressionAnalyzer analyzer(context, scope, AggregateUse::kForbidden, queries);
    SL_ASSIGN(const std::string sql, analyzer.Condition(*condition));
    source.where = " WHERE " + sql;
  }
  return source;
}

// What a DELETE from a table without a primary key can ask for: comparisons of a column with
// constants, joined by AND.
Status CheckPlainCondition(const Expr& e, const TableDef& table) {
  if (e.kind == ExprKind::kLogical && e.text == "AND") {
    SL_TRY(CheckPlainCondition(*e.args[0], table));
    return CheckPlainCondition(*e.args[1], table);
  }
  if (e.kind == ExprKind::kLogical)
    return sql::AnalyzeError("Compound predicate's op should be AND");
  const bool shape = e.kind == ExprKind::kComparison || e.kind == ExprKind::kIsNull ||
                     (e.kind == ExprKind::kIn && !e.query);
  if (!shape) {
    return sql::AnalyzeError(
        "Where clause only supports compound predicate, binary predicate, is_null predicate and in "
        "predicate");
  }
  if (e.args[0]->kind != ExprKind::kColumn) {
    return sql::AnalyzeError("Left expr of " +
                             std::string(e.kind == ExprKind::kIn ? "in" : "binary") +
                             " predicate should be column name");
  }
  const ColumnDef* column = table.FindColumn(e.args[0]->name.back());
  if (column == nullptr) return {};  // the analysis says so in its own words
  const bool duplicate = table.model == catalog::TableModel::kDuplicate;
  const bool floating =
      column->type.kind == TypeKind::kFloat || column->type.kind == TypeKind::kDouble;
  if ((!column->is_key && !duplicate) || floating) {
    return sql::AnalyzeError(
        "Column[" + column->name +
        "] is not key column or storage model is not duplicate or column type is float or double");
  }
  return {};
}

Result<std::string> NewValue(ExpressionAnalyzer* analyzer, const Assignment& assignment,
                             const ColumnDef& column) {
  if (assignment.value->kind == ExprKind::kDefault) return DefaultSql(column);
  SL_ASSIGN(const Typed value, analyzer->Analyze(*assignment.value));
  if (!CanCast(value.type, column.type)) {
    return sql::AnalyzeError("Invalid type cast from " + catalog::ShowCreateName(value.type) +
                             " to " + catalog::ShowCreateName(column.type));
  }
  return ConvertSql(value, column.type);
}

Result<std::string> NewRows(ExpressionAnalyzer* analyzer, const UpdateStatement& update,
                            const TableDef& table, const Source& source) {
  for (const Assignment& assignment : update.assignments) {
    const ColumnDef* column = table.FindColumn(assignment.column);
    if (column == nullptr) {
      return sql::AnalyzeError("table '" + table.name + "' do not existing column '" +
                               assignment.column + "'");
    }
    if (column->is_key)
      return sql::AnalyzeError("primary key column cannot be updated: " + column->name);
    if (column->generated())
      return sql::AnalyzeError("generated column '" + column->name + "' cannot be updated");
  }
  std::string inner;
  for (const ColumnDef& column : table.columns) {
    if (column.generated()) continue;
    std::string value = std::string(kAlias) + "." + column.physical_name();
    for (const Assignment& assignment : update.assignments) {
      if (table.FindColumn(assignment.column) != &column) continue;
      SL_ASSIGN(value, NewValue(analyzer, assignment, column));
    }
    inner += (inner.empty() ? "" : ", ") + value + " AS " + column.physical_name();
  }
  std::string select = "SELECT *";
  SL_ASSIGN(const auto generated, GeneratedColumns(table));
  for (const auto& [column, sql] : generated)
    select += ", " + sql + " AS " + column->physical_name();
  return source.with + select + " FROM (SELECT " + inner + " FROM " + source.from + source.where +
         ") AS n";
}

// NOT NULL and lengths, as INSERT checks them.
std::string MisfitSql(const TableDef& table) {
  std::string condition = "FALSE";
  for (const ColumnDef& column : table.columns) {
    if (!column.nullable) condition += " OR " + column.physical_name() + " IS NULL";
    if (catalog::IsText(column.type.kind) && column.type.length > 0) {
      condition +=
          " OR strlen(" + column.physical_name() + ") > " + std::to_string(column.type.length);
    }
  }
  return condition;
}

}  // namespace

Result<DmlOutcome> ExecuteUpdate(const QueryEnvironment& environment, const UpdateStatement& update,
                                 bool analyze_only) {
  SL_ASSIGN(const DmlTarget target, FindDmlTarget(environment, update.table, "updated"));
  const TableDef& table = *target.table;
  if (table.model != catalog::TableModel::kPrimary) {
    return sql::SqlError(sql::code::kGeneric, "table " + table.name + " does not support update");
  }
  AnalysisContext context = DmlContext(environment);
  QueryAnalyzer queries(&context);
  Scope scope;
  AddTarget(target, update.alias, &scope);
  SL_ASSIGN(const Source source, AnalyzeSource(&queries, &context, target, update.with, update.from,
                                               update.where, &scope));
  ExpressionAnalyzer analyzer(&context, &scope, AggregateUse::kForbidden, &queries);
  SL_ASSIGN(const std::string rows_sql, NewRows(&analyzer, update, table, source));
  SL_TRY(RequireDml(context, target, "UPDATE"));
  if (analyze_only) return DmlOutcome{};
  const std::string stage = StageName();
  const auto work = [&](Connection& connection, int64_t transaction_id) -> Result<WorkResult> {
    WorkResult result;
    SL_ASSIGN([[maybe_unused]] const int64_t made,
              connection.Execute("CREATE OR REPLACE TEMP TABLE " + stage + " AS " + rows_sql));
    SL_ASSIGN(const auto count, connection.QueryInteger("SELECT count(*) FROM temp.main." + stage));
    SL_ASSIGN(const auto misfits, connection.QueryInteger("SELECT count(*) FROM temp.main." +
                                                          stage + " WHERE " + MisfitSql(table)));
    if (misfits.value_or(0) > 0) {
      return sql::SqlError(
          sql::code::kGeneric,
          "Insert has filtered data in strict mode, txn_id = " + std::to_string(transaction_id));
    }
    StagedRows staged;
    staged.relation = "temp.main." + stage;
    SL_ASSIGN([[maybe_unused]] const int64_t merged,
              MergeStagedRows(connection, MergeTargetOf(table), staged));
    result.rows = count.value_or(0);
    SL_ASSIGN([[maybe_unused]] const int64_t dropped,
              connection.Execute("DROP TABLE temp.main." + stage));
    return result;
  };
  return RunDml(environment, target, GeneratedLabel("update"), nullptr, work);
}

Result<DmlOutcome> ExecuteDelete(const QueryEnvironment& environment,
                                 const DeleteStatement& statement, bool analyze_only) {
  SL_ASSIGN(const DmlTarget target, FindDmlTarget(environment, statement.table, "deleted"));
  const TableDef& table = *target.table;
  if (!statement.where) {
    return sql::AnalyzeError(table.model == catalog::TableModel::kPrimary
                                 ? "Delete must specify where clause to prevent full table delete"
                                 : "Where clause is not set");
  }
  for (const std::string& name : statement.partitions) {
    if (table.FindPartition(name) == nullptr) {
      return sql::AnalyzeError("Unknown partition '" + name + "' in table '" + table.name + "'");
    }
  }
  const bool primary = table.model == catalog::TableModel::kPrimary;
  if (!primary) SL_TRY(CheckPlainCondition(*statement.where, table));
  AnalysisContext context = DmlContext(environment);
  QueryAnalyzer queries(&context);
  Scope scope;
  AddTarget(target, statement.alias, &scope);
  SL_ASSIGN(Source source, AnalyzeSource(&queries, &context, target, statement.with,
                                         statement.using_relation, statement.where, &scope));
  for (size_t i = 0; i < statement.partitions.size(); ++i) {
    source.where += (i == 0 ? " AND ((" : " OR (") +
                    PartitionPredicate(table, *table.FindPartition(statement.partitions[i])) + ")";
    if (i + 1 == statement.partitions.size()) source.where += ")";
  }
  SL_TRY(RequireDml(context, target, "DELETE"));
  if (analyze_only) return DmlOutcome{};
  const auto work = [&](Connection& connection, int64_t) -> Result<WorkResult> {
    WorkResult result;
    const std::string physical = table.physical_name();
    SL_ASSIGN(result.rows, connection.Execute("DELETE FROM " + physical + " WHERE rowid IN (" +
                                              source.with + "SELECT " + std::string(kAlias) +
                                              ".rowid FROM " + source.from + source.where + ")"));
    return result;
  };
  return RunDml(environment, target, GeneratedLabel("delete"), nullptr, work);
}

}  // namespace starlift::sandbox::query
