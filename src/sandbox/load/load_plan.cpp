#include "sandbox/load/load_plan.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "sandbox/load/column_writer.h"
#include "sandbox/load/json_reader.h"
#include "sandbox/query/expression_translator.h"
#include "sandbox/storage/physical_table.h"

namespace starlift::sandbox::load {
namespace {

using catalog::ColumnDef;
using catalog::DataType;
using catalog::TableModel;
using catalog::TypeKind;
using query::ColumnAssignment;

constexpr std::string_view kOp = "__op";

Error Refuse(std::string message) { return Error{ErrorKind::kData, std::move(message)}; }

bool SameName(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
    return std::tolower(static_cast<unsigned char>(x)) ==
           std::tolower(static_cast<unsigned char>(y));
  });
}

class Planner {
 public:
  Planner(catalog::TablePtr table, const LoadRequest& request) : request_(request) {
    plan_.table = std::move(table);
  }

  Result<LoadPlan> Make() {
    SL_TRY(CheckOptions());
    SL_TRY(ReadColumns());
    SL_TRY(MakeFields());
    SL_TRY(MakeTargets());
    SL_TRY(MakeOp());
    if (!request_.where.empty()) {
      SL_ASSIGN(query::TranslatedExpression where, Translate(request_.where));
      plan_.where_sql = std::move(where.sql);
    }
    SL_TRY(CheckPartialUpdate());
    plan_.plain = IsPlain();
    return std::move(plan_);
  }

 private:
  const catalog::TableDef& table() const { return *plan_.table; }
  bool is_primary() const { return table().model == TableModel::kPrimary; }

  Status CheckOptions() {
    if (request_.partial_update && !is_primary()) {
      return Refuse("Only primary key table support partial update");
    }
    if (request_.negative && is_primary()) {
      return Refuse("Negative is not supported by primary key table");
    }
    plan_.partial = request_.partial_update;
    for (const std::string& partition : request_.partitions) {
      if (table().FindPartition(partition) == nullptr) {
        return Refuse(fmt::format("Unknown partition '{}' in table '{}'", partition, table().name));
      }
    }
    if (request_.merge_condition.empty()) return {};
    const std::string& name = request_.merge_condition;
    if (!is_primary()) {
      return Refuse(
          fmt::format("Conditional update only support primary key table {}", table().name));
    }
    const ColumnDef* column = table().FindColumn(name);
    if (column == nullptr) {
      return Refuse(
          fmt::format("Merge condition column {} does not exist. If you want to use merge "
                      "condition, please use an existing column",
                      name));
    }
    if (column->is_key) {
      return Refuse(fmt::format("Merge condition column {} should not be primary key!", name));
    }
    const TypeKind kind = column->type.kind;
    if (IsText(kind) || IsComplex(kind) || IsAggregateState(kind) || kind == TypeKind::kJson ||
        kind == TypeKind::kVarbinary) {
      return Refuse(
          "Merge condition column has invalid type maybe bitmap/hll/percentile/json/varchar!");
    }
    plan_.merge_condition = column->id;
    return {};
  }

  // The `columns` header, checked for names that can't be.
  Status ReadColumns() {
    if (!request_.columns || request_.columns->find_first_not_of(" \t") == std::string::npos) {
      return {};
    }
    Result<std::vector<ColumnAssignment>> columns = query::ParseColumnList(*request_.columns);
    if (!columns.ok()) return Refuse(columns.error().message);
    std::set<std::string> names;
    std::set<std::string> assigned;
    for (ColumnAssignment& column : *columns) {
      std::string lower = column.name;
      std::transform(lower.begin(), lower.end(), lower.begin(),
                     [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
      if (column.expression.empty()) {
        if (!names.insert(lower).second) return Refuse("Duplicate column: " + column.name);
        plain_names_.push_back(column.name);
        continue;
      }
      if (!assigned.insert(lower).second) {
        return Refuse("Duplicate column mapping: " + column.name);
      }
      const ColumnDef* target = table().FindColumn(column.name);
      if (target == nullptr && column.name != kOp) {
        return Refuse("Mapping column is not in table. column: " + column.name);
      }
      if (target != nullptr && target->generated()) {
        return Refuse(fmt::format("generated column: {} can not be specified", column.name));
      }
      assignments_.push_back(std::move(column));
    }
    return {};
  }

  const ColumnAssignment* AssignmentOf(std::string_view name) const {
    for (const ColumnAssignment& assignment : assignments_) {
      if (SameName(assignment.name, name)) return &assignment;
    }
    return nullptr;
  }

  // A field whose column is assigned from an expression is raw text for that expression.
  void AddField(const std::string& name) {
    SourceField field;
    field.name = name;
    field.is_op = SameName(name, kOp);
    const ColumnDef* column = field.is_op ? nullptr : table().FindColumn(name);
    if (field.is_op) {
      field.type = DataType::Of(TypeKind::kTinyInt);
    } else if (column != nullptr && AssignmentOf(name) == nullptr) {
      field.column = column;
      field.type = column->type;
    } else {
      field.type = DataType::Varchar(catalog::kMaxVarcharLength);
    }
    plan_.fields.push_back(std::move(field));
  }

  Status MakeFields() {
    if (!request_.jsonpaths.empty() && request_.format == BodyFormat::kJson) {
      SL_ASSIGN(plan_.json_paths, JsonReader::ParsePaths(request_.jsonpaths));
    }
    if (plain_names_.empty()) {
      for (const ColumnDef& column : table().columns) {
        if (!column.generated() && !column.auto_increment) AddField(column.name);
      }
    }
    for (const std::string& name : plain_names_) {
      const ColumnDef* column = table().FindColumn(name);
      if (column != nullptr && column->generated()) {
        return Refuse(fmt::format("generated column: {} can not be specified", name));
      }
      AddField(name);
    }
    // JSON objects say __op themselves.
    if (request_.format == BodyFormat::kJson && is_primary() && plan_.op_field() < 0 &&
        plan_.json_paths.empty() && AssignmentOf(kOp) == nullptr) {
      AddField(std::string(kOp));
    }
    return {};
  }

  std::vector<query::SourceColumn> SourceColumns() const {
    std::vector<query::SourceColumn> columns;
    for (size_t i = 0; i < plan_.fields.size(); ++i) {
      columns.push_back({plan_.fields[i].name, plan_.fields[i].type, StagedFieldName(i)});
    }
    return columns;
  }

  Result<query::TranslatedExpression> Translate(std::string_view expression) const {
    Result<query::TranslatedExpression> translated =
        query::TranslateExpression(expression, SourceColumns(), request_.time_zone);
    if (translated.ok()) return translated;
    return Refuse(translated.error().message);
  }

  Result<std::string> ExpressionFor(const ColumnDef& column, const std::string& expression) const {
    SL_ASSIGN(const query::TranslatedExpression translated, Translate(expression));
    return query::CastSql(translated.sql, translated.type, column.type);
  }

  Status MakeTargets() {
    for (const ColumnDef& column : table().columns) {
      if (column.generated()) continue;
      SL_TRY(MakeTarget(column));
    }
    for (const ColumnDef& column : table().columns) {
      if (column.generated()) SL_TRY(MakeGenerated(column));
    }
    return {};
  }

  Status MakeTarget(const ColumnDef& column) {
    TargetColumn target;
    target.column = &column;
    if (const ColumnAssignment* assignment = AssignmentOf(column.name)) {
      target.kind = TargetColumn::Kind::kExpression;
      SL_ASSIGN(target.sql, ExpressionFor(column, assignment->expression));
      plan_.targets.push_back(std::move(target));
      return {};
    }
    for (size_t i = 0; i < plan_.fields.size(); ++i) {
      if (plan_.fields[i].column != &column) continue;
      target.field = i;
      if (request_.negative && column.aggregate == catalog::AggregateKind::kSum) {
        target.kind = TargetColumn::Kind::kExpression;
        target.sql = fmt::format("(-{})", StagedFieldName(i));
      }
      plan_.targets.push_back(std::move(target));
      return {};
    }
    if (plan_.partial) return {};
    if (column.auto_increment) {
      target.kind = TargetColumn::Kind::kAutoIncrement;
    } else {
      if (!column.nullable && !column.has_default()) {
        return Refuse("Column has no default value. column: " + column.name);
      }
      target.kind = TargetColumn::Kind::kExpression;
      target.sql = fmt::format("CAST({} AS {})", DefaultSql(column, request_.time_zone),
                               PhysicalType(column.type));
    }
    plan_.targets.push_back(std::move(target));
    return {};
  }

  // Its expression names table columns: each stands for what the load gives that column.
  Status MakeGenerated(const ColumnDef& column) {
    std::vector<query::SourceColumn> sources;
    for (const TargetColumn& target : plan_.targets) {
      const std::string sql = target.kind == TargetColumn::Kind::kField
                                  ? StagedFieldName(target.field)
                                  : "(" + target.sql + ")";
      sources.push_back({target.column->name, target.column->type, sql});
    }
    Result<query::TranslatedExpression> translated =
        query::TranslateExpression(column.generated_expression, sources, request_.time_zone);
    if (!translated.ok()) {
      if (!plan_.partial) return Refuse(translated.error().message);
      return Refuse(
          fmt::format("column needs to be used for expression evaluation for materialized "
                      "column {}: {}",
                      column.name, translated.error().message));
    }
    TargetColumn target;
    target.column = &column;
    target.kind = TargetColumn::Kind::kExpression;
    target.sql = query::CastSql(translated->sql, translated->type, column.type);
    plan_.targets.push_back(std::move(target));
    return {};
  }

  // __op='upsert', ='delete', =0, =1, =some_field, or a field of that name.
  Status MakeOp() {
    const int field = plan_.op_field();
    const ColumnAssignment* assignment = AssignmentOf(kOp);
    if (assignment == nullptr) {
      if (field >= 0 && is_primary()) plan_.op_sql = StagedFieldName(static_cast<size_t>(field));
      return {};
    }
    std::string text = assignment->expression;
    text.erase(0, text.find_first_not_of(" \t"));
    text.erase(text.find_last_not_of(" \t") + 1);
    if (text.size() >= 2 && (text[0] == '\'' || text[0] == '"')) {
      const std::string word = text.substr(1, text.size() - 2);
      if (word == "upsert" || word == "delete") {
        plan_.op_sql = word == "delete" ? "1" : "0";
        return {};
      }
      return Refuse("load op type string not supported: " + word);
    }
    if (text == "0" || text == "1") {
      plan_.op_sql = text;
      return {};
    }
    if (!text.empty() && std::isdigit(static_cast<unsigned char>(text[0])) != 0) {
      return Refuse("const load op type column should only be upsert(0)/delete(1)");
    }
    SL_ASSIGN(const query::TranslatedExpression op, Translate(text));
    plan_.op_sql = query::CastSql(op.sql, op.type, DataType::Of(TypeKind::kTinyInt));
    return {};
  }

  Status CheckPartialUpdate() const {
    if (!plan_.partial) return {};
    for (const std::string& key : table().key_columns) {
      const bool listed = std::any_of(
          plan_.targets.begin(), plan_.targets.end(),
          [&](const TargetColumn& target) { return SameName(target.column->name, key); });
      if (!listed) return Refuse(fmt::format("key column {} not in partial update columns", key));
    }
    return CheckSortColumns();
  }

  // Where the sort key is not the primary key: a row's place must not change unseen.
  Status CheckSortColumns() const {
    for (const std::string& name : table().sort_columns) {
      const ColumnDef* column = table().FindColumn(name);
      if (column == nullptr || column->is_key) continue;
      const bool listed =
          std::any_of(plan_.targets.begin(), plan_.targets.end(),
                      [&](const TargetColumn& target) { return target.column == column; });
      if (request_.column_mode && listed) {
        return Refuse(
            "column mode partial update on table with sort key cannot update sort key column");
      }
      if (!request_.column_mode && !listed) {
        return Refuse("partial update on table with sort key must provide all sort key columns");
      }
    }
    return {};
  }

  bool IsPlain() const {
    if (!plan_.where_sql.empty()) return false;
    if (!plan_.op_sql.empty() && plan_.op_field() < 0) return false;
    const bool all_fields_used = std::all_of(
        plan_.fields.begin(), plan_.fields.end(),
        [](const SourceField& field) { return field.column != nullptr || field.is_op; });
    return all_fields_used &&
           std::all_of(plan_.targets.begin(), plan_.targets.end(), [](const TargetColumn& target) {
             return target.kind == TargetColumn::Kind::kField &&
                    !ColumnWriter(target.column->type).needs_cast();
           });
  }

  const LoadRequest& request_;
  LoadPlan plan_;
  std::vector<std::string> plain_names_;
  std::vector<ColumnAssignment> assignments_;
};

}  // namespace

int LoadPlan::op_field() const {
  for (size_t i = 0; i < fields.size(); ++i) {
    if (fields[i].is_op) return static_cast<int>(i);
  }
  return -1;
}

std::string StagedFieldName(size_t field) { return "f" + std::to_string(field); }

Result<LoadPlan> MakeLoadPlan(catalog::TablePtr table, const LoadRequest& request) {
  return Planner(std::move(table), request).Make();
}

}  // namespace starlift::sandbox::load
