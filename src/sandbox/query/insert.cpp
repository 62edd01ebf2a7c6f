#include <algorithm>
#include <cctype>
#include <charconv>

#include "sandbox/query/automatic_partitions.h"
#include "sandbox/query/dml_target.h"
#include "sandbox/query/explicit_transaction.h"
#include "sandbox/query/expression_analyzer.h"
#include "sandbox/query/types.h"
#include "sandbox/storage/catalog_storage.h"
#include "sandbox/storage/merge.h"
#include "sandbox/storage/physical_table.h"

namespace starlift::sandbox::query {
namespace {

using catalog::ColumnDef;
using catalog::DataType;
using catalog::TableDef;
using catalog::TypeKind;

// The columns that the statement names, in its order; without a list all that can be written.
Result<std::vector<const ColumnDef*>> TargetColumns(const InsertStatement& insert,
                                                    const TableDef& table) {
  std::vector<const ColumnDef*> columns;
  if (!insert.has_columns) {
    for (const ColumnDef& column : table.columns) {
      if (!column.generated()) columns.push_back(&column);
    }
    return columns;
  }
  for (const std::string& name : insert.columns) {
    const ColumnDef* column = table.FindColumn(name);
    if (column == nullptr)
      return sql::AnalyzeError("Unknown column '" + name + "' in '" + table.name + "'");
    if (std::find(columns.begin(), columns.end(), column) != columns.end()) {
      return sql::AnalyzeError(sql::code::kDuplicateColumn, "Duplicate column name '" + name + "'");
    }
    if (column->generated()) {
      return sql::AnalyzeError("generated column '" + column->name + "' can not be specified");
    }
    columns.push_back(column);
  }
  for (const ColumnDef& column : table.columns) {
    const bool named = std::find(columns.begin(), columns.end(), &column) != columns.end();
    if (named || column.generated() || column.auto_increment || column.nullable ||
        column.has_default())
      continue;
    // A Primary Key table is updated in part instead.
    if (table.model == catalog::TableModel::kPrimary && !column.is_key) continue;
    return sql::AnalyzeError("'" + column.name +
                             "' must be explicitly mentioned in column permutation");
  }
  return columns;
}

Error CountMismatch(size_t target, size_t given) {
  return sql::AnalyzeError(
      sql::code::kInsertColumnCount,
      "Inserted target column count: " + std::to_string(target) +
          " doesn't match select/value column count: " + std::to_string(given));
}

bool IsNumber(std::string_view text) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front())) != 0)
    text.remove_prefix(1);
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back())) != 0)
    text.remove_suffix(1);
  if (!text.empty() && (text.front() == '+')) text.remove_prefix(1);
  double value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  return failure == std::errc() && end == text.data() + text.size();
}

// Text literals become numbers at once, so that what is none is an error of the analysis.
Status CheckLiteral(const Typed& value, const ColumnDef& column) {
  if (!value.literal || !value.literal_text || !catalog::IsText(value.type.kind)) return {};
  const bool number =
      catalog::IsNumeric(column.type.kind) && column.type.kind != TypeKind::kBoolean;
  if (number && !IsNumber(*value.literal_text)) {
    return sql::AnalyzeError("Invalid number format: " + *value.literal_text);
  }
  return {};
}

std::string TimeZoneOf(const AnalysisContext& context) {
  return context.values != nullptr ? context.values->time_zone() : context.time_zone;
}

// A VALUES list as a DuckDB query with columns k0, k1, … of the targets' types where they are
// literals of those; DEFAULT stands for the column's default.
Result<TranslatedQuery> ValuesQuery(AnalysisContext* context, const Query& values,
                                    const std::vector<const ColumnDef*>& columns) {
  for (const auto& row : values.rows) {
    if (row.size() != values.rows.front().size())
      return sql::AnalyzeError("Values have unequal number of columns");
  }
  if (values.rows.front().size() != columns.size()) {
    return CountMismatch(columns.size(), values.rows.front().size());
  }
  const Scope scope;
  std::vector<std::vector<Typed>> rows;
  std::vector<DataType> types(columns.size());
  for (const auto& row : values.rows) {
    QueryAnalyzer queries(context);
    ExpressionAnalyzer analyzer(context, &scope, AggregateUse::kForbidden, &queries);
    std::vector<Typed> cells;
    for (size_t i = 0; i < row.size(); ++i) {
      Typed cell;
      if (row[i]->kind == ExprKind::kDefault) {
        if (!columns[i]->has_default() && !columns[i]->auto_increment) {
          return sql::AnalyzeError("Column has no default value, column=" + columns[i]->name);
        }
        cell.sql =
            columns[i]->auto_increment ? "NULL" : DefaultSql(*columns[i], TimeZoneOf(*context));
        cell.type = columns[i]->auto_increment ? DataType::Of(TypeKind::kNull) : columns[i]->type;
      } else {
        SL_ASSIGN(cell, analyzer.Analyze(*row[i]));
        SL_TRY(CheckLiteral(cell, *columns[i]));
      }
      types[i] = CommonType(types[i], cell.type);
      cells.push_back(std::move(cell));
    }
    rows.push_back(std::move(cells));
  }
  TranslatedQuery query;
  std::string list;
  std::string names;
  for (const std::vector<Typed>& row : rows) {
    list += list.empty() ? "(" : ", (";
    for (size_t i = 0; i < row.size(); ++i)
      list += (i > 0 ? ", " : "") + ConvertSql(row[i], types[i]);
    list += ")";
  }
  for (size_t i = 0; i < columns.size(); ++i) {
    names += (i > 0 ? ", k" : "k") + std::to_string(i);
    query.columns.push_back({"column_" + std::to_string(i), types[i], true});
  }
  query.sql = "SELECT * FROM (VALUES " + list + ") AS v(" + names + ")";
  return query;
}

// How a row of the source becomes a row of the table.
struct InsertPlan {
  TranslatedQuery source;
  std::vector<const ColumnDef*> columns;      // of the statement
  std::vector<const ColumnDef*> filled;       // defaults
  const ColumnDef* auto_increment = nullptr;  // ids are to be given out
  std::vector<std::pair<const ColumnDef*, std::string>> generated;
  bool partial = false;
  std::string time_zone;
};

// Why a staged row does not fit, NULL where it does. Over the physical names and raw k<i>.
std::string DefectSql(const InsertPlan& plan, const InsertStatement& insert,
                      const TableDef& table) {
  std::string cases;
  for (size_t i = 0; i < plan.columns.size(); ++i) {
    const ColumnDef& column = *plan.columns[i];
    const std::string name = column.physical_name();
    if (plan.source.columns[i].type != column.type) {
      cases +=
          " WHEN k" + std::to_string(i) + " IS NOT NULL AND " + name + " IS NULL THEN 'conversion'";
    }
    if (!column.nullable && !column.auto_increment)
      cases += " WHEN " + name + " IS NULL THEN 'null'";
    if (catalog::IsText(column.type.kind) && column.type.length > 0) {
      cases +=
          " WHEN strlen(" + name + ") > " + std::to_string(column.type.length) + " THEN 'length'";
    }
    if (column.type.kind == TypeKind::kVarbinary && column.type.length >= 0) {
      cases += " WHEN octet_length(" + name + ") > " + std::to_string(column.type.length) +
               " THEN 'length'";
    }
  }
  const bool named = !insert.partitions.empty();
  if (table.partitioning.kind != catalog::PartitionKind::kNone &&
      (named || !table.partitioning.automatic)) {
    std::string inside;
    for (const catalog::PartitionDef& partition : table.partitions) {
      const bool wanted =
          !named || std::any_of(insert.partitions.begin(), insert.partitions.end(),
                                [&](const std::string& name) { return name == partition.name; });
      if (!wanted || partition.temporary) continue;
      inside += (inside.empty() ? "(" : " OR (") + PartitionPredicate(table, partition) + ")";
    }
    cases +=
        " WHEN NOT coalesce(" + (inside.empty() ? "FALSE" : inside) + ", FALSE) THEN 'partition'";
  }
  return cases.empty() ? "CAST(NULL AS VARCHAR)" : "CASE" + cases + " END";
}

// A query over the source with the table's physical columns, the raw ones and `defect`.
std::string MappedSql(const InsertPlan& plan, const InsertStatement& insert, const TableDef& table,
                      const std::string& source, int64_t auto_increment_base) {
  std::string inner = "SELECT *";
  for (size_t i = 0; i < plan.columns.size(); ++i) {
    const ColumnDef& column = *plan.columns[i];
    std::string value = CastSql("k" + std::to_string(i), plan.source.columns[i].type, column.type);
    if (column.auto_increment)
      value = "coalesce(" + value + ", " + std::to_string(auto_increment_base) +
              " + row_number() OVER (ORDER BY rowid))";
    inner += ", " + value + " AS " + column.physical_name();
  }
  for (const ColumnDef* column : plan.filled) {
    inner += ", CAST(" + DefaultSql(*column, plan.time_zone) + " AS " + PhysicalType(column->type) +
             ") AS " + column->physical_name();
  }
  if (plan.auto_increment != nullptr) {
    inner += ", CAST(" + std::to_string(auto_increment_base) +
             " + row_number() OVER (ORDER BY rowid) AS BIGINT) AS " +
             plan.auto_increment->physical_name();
  }
  std::string middle = "SELECT *";
  for (const auto& [column, sql] : plan.generated)
    middle += ", " + sql + " AS " + column->physical_name();
  middle += " FROM (" + inner + ", rowid AS ord FROM " + source + ") AS i";
  return "SELECT *, " + DefectSql(plan, insert, table) + " AS defect FROM (" + middle + ") AS m";
}

Status CheckPartitions(const InsertStatement& insert, const TableDef& table) {
  for (const std::string& name : insert.partitions) {
    if (table.FindPartition(name) != nullptr) continue;
    return sql::AnalyzeError("Unknown partition '" + name + "' in table '" + table.name + "'");
  }
  return {};
}

Result<InsertPlan> MakePlan(AnalysisContext* context, const InsertStatement& insert,
                            const TableDef& table) {
  InsertPlan plan;
  plan.time_zone = TimeZoneOf(*context);
  if (insert.by_name) {
    QueryAnalyzer analyzer(context);
    SL_ASSIGN(plan.source, analyzer.Analyze(*insert.source, nullptr));
    InsertStatement named = insert;
    named.has_columns = true;
    for (const OutputColumn& column : plan.source.columns) named.columns.push_back(column.name);
    SL_ASSIGN(plan.columns, TargetColumns(named, table));
  } else {
    SL_ASSIGN(plan.columns, TargetColumns(insert, table));
    if (insert.source->kind == Query::Kind::kValues && insert.source->with.empty()) {
      SL_ASSIGN(plan.source, ValuesQuery(context, *insert.source, plan.columns));
    } else {
      QueryAnalyzer analyzer(context);
      SL_ASSIGN(plan.source, analyzer.Analyze(*insert.source, nullptr));
      if (plan.source.columns.size() != plan.columns.size()) {
        return CountMismatch(plan.columns.size(), plan.source.columns.size());
      }
    }
  }
  for (size_t i = 0; i < plan.columns.size(); ++i) {
    if (CanCast(plan.source.columns[i].type, plan.columns[i]->type)) continue;
    return sql::AnalyzeError("Invalid type cast from " +
                             catalog::ShowCreateName(plan.source.columns[i].type) + " to " +
                             catalog::ShowCreateName(plan.columns[i]->type) + " in sql `" +
                             plan.source.columns[i].name + "`");
  }
  for (const ColumnDef& column : table.columns) {
    const bool named =
        std::find(plan.columns.begin(), plan.columns.end(), &column) != plan.columns.end();
    if (named || column.generated()) continue;
    if (column.auto_increment) {
      plan.auto_increment = &column;
    } else if (table.model == catalog::TableModel::kPrimary && insert.has_columns &&
               !column.is_key) {
      plan.partial = true;
    } else {
      plan.filled.push_back(&column);
    }
  }
  if (!plan.partial) {
    SL_ASSIGN(plan.generated, GeneratedColumns(table));
  }
  return plan;
}

// A new row of a partial update gets the type's own zero in a NOT NULL column without a default.
void FillMissing(const TableDef& table, MergeTarget* target) {
  for (size_t i = 0; i < table.columns.size(); ++i) {
    const ColumnDef& column = table.columns[i];
    if (column.nullable || column.has_default()) continue;
    const std::string type = PhysicalType(column.type);
    const bool moment =
        column.type.kind == TypeKind::kDate || column.type.kind == TypeKind::kDateTime;
    std::string zero = moment ? "'1970-01-01'" : catalog::IsText(column.type.kind) ? "''" : "0";
    if (column.type.kind == TypeKind::kJson) zero = "'null'";
    if (column.type.kind == TypeKind::kVarbinary) zero = "''";
    target->columns[i].missing_sql = "CAST(" + zero + " AS " + type + ")";
  }
}

// Empties what INSERT OVERWRITE replaces.
Status ClearForOverwrite(Connection& connection, const InsertStatement& insert,
                         const TableDef& table) {
  std::string where;
  for (const std::string& name : insert.partitions) {
    where += (where.empty() ? " WHERE (" : " OR (") +
             PartitionPredicate(table, *table.FindPartition(name)) + ")";
  }
  SL_ASSIGN([[maybe_unused]] const int64_t gone,
            connection.Execute("DELETE FROM " + table.physical_name() + where));
  return {};
}

// Partitions that the rows will need: made before the rows are written, so the catalog's lock comes
// before the table's. An explicit transaction holds table locks already; it makes them after its
// commit.
Status ArrangePartitions(const QueryEnvironment& environment, const TableDef& table,
                         ExplicitTransaction* open, std::unique_lock<std::mutex>& change) {
  if (open == nullptr) {
    change = environment.catalog->LockForChange();
    return {};
  }
  open->AfterCommit([catalog = environment.catalog, storage = environment.storage,
                     table_id = table.id]() -> Status {
    const auto after = catalog->LockForChange();
    SL_ASSIGN(Connection connection, storage->Connect());
    return CreateMissingPartitions(*catalog, after, connection, table_id,
                                   PhysicalTableName(table_id));
  });
  return {};
}

}  // namespace

Result<DmlOutcome> ExecuteInsert(const QueryEnvironment& environment, const InsertStatement& insert,
                                 ExplicitTransaction* open, bool analyze_only) {
  SL_ASSIGN(const DmlTarget target, FindDmlTarget(environment, insert.table, "inserted"));
  const TableDef& table = *target.table;
  if (!insert.label.empty()) SL_TRY(CheckLabel(insert.label));
  SL_TRY(CheckPartitions(insert, table));
  AnalysisContext context = DmlContext(environment);
  SL_ASSIGN(const InsertPlan plan, MakePlan(&context, insert, table));
  SL_TRY(RequireDml(context, target, "INSERT"));
  if (analyze_only) return DmlOutcome{};
  std::unique_lock<std::mutex> change;
  if (MakesPartitions(table)) SL_TRY(ArrangePartitions(environment, table, open, change));
  const std::string stage = StageName();
  const std::string mapped = stage + "_m";
  const auto work = [&](Connection& connection, int64_t transaction_id) -> Result<WorkResult> {
    WorkResult result;
    SL_ASSIGN(const int64_t total, connection.Execute("CREATE OR REPLACE TEMP TABLE " + stage +
                                                      " AS " + plan.source.sql));
    static_cast<void>(total);
    SL_ASSIGN(const auto count, connection.QueryInteger("SELECT count(*) FROM temp.main." + stage));
    int64_t base = 0;
    const bool named_ids =
        std::any_of(plan.columns.begin(), plan.columns.end(),
                    [](const ColumnDef* column) { return column->auto_increment; });
    if ((plan.auto_increment != nullptr || named_ids) &&
        environment.reserve_auto_increment != nullptr) {
      SL_ASSIGN(base, environment.reserve_auto_increment(*environment.storage, table.id,
                                                         count.value_or(0)));
    }
    SL_ASSIGN([[maybe_unused]] const int64_t rows,
              connection.Execute("CREATE OR REPLACE TEMP TABLE " + mapped + " AS " +
                                 MappedSql(plan, insert, table, "temp.main." + stage, base)));
    SL_ASSIGN(const auto defects,
              connection.QueryInteger("SELECT count(*) FROM temp.main." + mapped +
                                      " WHERE defect IS NOT NULL AND defect <> 'conversion'"));
    SL_ASSIGN(const auto conversions,
              connection.QueryInteger("SELECT count(*) FROM temp.main." + mapped +
                                      " WHERE defect = 'conversion'"));
    result.filtered = defects.value_or(0);
    if (environment.strict_insert && result.filtered + conversions.value_or(0) > 0) {
      return sql::SqlError(
          sql::code::kGeneric,
          "Insert has filtered data in strict mode, txn_id = " + std::to_string(transaction_id) +
              " tracking sql = select tracking_log from information_schema.load_tracking_logs "
              "where "
              "job_id=" +
              std::to_string(transaction_id));
    }
    if (change.owns_lock()) {
      SL_TRY(CreateMissingPartitions(*environment.catalog, change, connection, table.id,
                                     "temp.main." + mapped));
    }
    StagedRows staged;
    staged.relation =
        "(SELECT * FROM temp.main." + mapped + " WHERE defect IS NULL OR defect = 'conversion')";
    staged.order_column = "ord";
    if (plan.partial) {
      for (const ColumnDef* column : plan.columns) staged.columns.push_back(column->id);
      if (plan.auto_increment != nullptr) staged.columns.push_back(plan.auto_increment->id);
    }
    // Only now: the rows may come from the table itself.
    if (insert.overwrite) SL_TRY(ClearForOverwrite(connection, insert, table));
    MergeTarget merge = MergeTargetOf(table);
    if (plan.partial) FillMissing(table, &merge);
    SL_ASSIGN([[maybe_unused]] const int64_t merged, MergeStagedRows(connection, merge, staged));
    result.rows = count.value_or(0) - result.filtered;
    SL_ASSIGN(
        [[maybe_unused]] const int64_t dropped,
        connection.Execute("DROP TABLE temp.main." + stage + "; DROP TABLE temp.main." + mapped));
    return result;
  };
  const std::string label = insert.label.empty() ? GeneratedLabel("insert") : insert.label;
  return RunDml(environment, target, label, open, work);
}

}  // namespace starlift::sandbox::query
