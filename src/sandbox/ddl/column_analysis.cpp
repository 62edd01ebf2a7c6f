#include "sandbox/ddl/column_analysis.h"

#include <algorithm>
#include <array>

#include "sandbox/catalog/type_resolver.h"
#include "sandbox/ddl/default_value.h"
#include "sandbox/ddl/statement_context.h"
#include "sandbox/sql/error.h"

namespace starlift::sandbox::ddl {

using catalog::AggregateKind;
using catalog::ColumnDef;
using catalog::DataType;
using catalog::DefaultKind;
using catalog::TypeKind;
using sql::AnalyzeError;
using DefaultWord = sql::DefaultSpec::Kind;

namespace {

constexpr size_t kMaxColumnName = 1024;
constexpr std::string_view kShadowPrefix = "__starrocks_shadow_";
constexpr std::string_view kGeneratedPartitionPrefix = "__generated_partition_column_";
constexpr std::string_view kForbiddenMarks = "=<>!*";
constexpr auto kReservedNames = std::to_array<std::string_view>({"__op", "__row"});

struct NamedAggregate {
  std::string_view name;
  AggregateKind kind;
};
constexpr NamedAggregate kAggregates[] = {
    {"SUM", AggregateKind::kSum},
    {"MIN", AggregateKind::kMin},
    {"MAX", AggregateKind::kMax},
    {"REPLACE", AggregateKind::kReplace},
    {"REPLACE_IF_NOT_NULL", AggregateKind::kReplaceIfNotNull},
    {"HLL_UNION", AggregateKind::kHllUnion},
    {"BITMAP_UNION", AggregateKind::kBitmapUnion},
    {"PERCENTILE_UNION", AggregateKind::kPercentileUnion},
};

bool CanAggregate(AggregateKind aggregate, const DataType& type) {
  const TypeKind kind = type.kind;
  switch (aggregate) {
    case AggregateKind::kSum:
      return catalog::IsNumeric(kind) && kind != TypeKind::kBoolean;
    case AggregateKind::kMin:
    case AggregateKind::kMax:
      return (catalog::IsNumeric(kind) && kind != TypeKind::kBoolean) || kind == TypeKind::kDate ||
             kind == TypeKind::kDateTime || catalog::IsText(kind);
    case AggregateKind::kHllUnion:
      return kind == TypeKind::kHll;
    case AggregateKind::kBitmapUnion:
      return kind == TypeKind::kBitmap;
    case AggregateKind::kPercentileUnion:
      return kind == TypeKind::kPercentile;
    case AggregateKind::kReplace:
    case AggregateKind::kReplaceIfNotNull:
      return true;
    default:
      return true;
  }
}

Status CheckAggregate(const sql::ColumnSpec& spec, const ColumnRules& rules, bool is_key,
                      ColumnDef& column) {
  const std::optional<AggregateKind> aggregate = AggregateOf(spec);
  if (aggregate.has_value()) {
    if (!CanAggregate(*aggregate, column.type)) {
      return AnalyzeError("Invalid aggregate function '" + spec.aggregate + "' for '" + spec.name +
                          "'");
    }
    column.aggregate = *aggregate;
    // Sums are kept as wide as can be.
    if (*aggregate == AggregateKind::kSum && column.type.kind == TypeKind::kDecimal) {
      column.type.precision = catalog::kMaxDecimalPrecision;
    }
  }
  const TypeKind kind = column.type.kind;
  if (!catalog::IsAggregateState(kind)) return {};
  if (is_key) {
    return AnalyzeError("Invalid data type of key column '" + spec.name + "': '" +
                        catalog::ErrorName(column.type) + "'");
  }
  const bool replaced =
      rules.model == catalog::TableModel::kPrimary || rules.model == catalog::TableModel::kUnique;
  if (!aggregate.has_value() && !replaced) {
    return AnalyzeError("No aggregate function specified for '" + spec.name + "'");
  }
  return {};
}

Error BadDefault(const sql::ColumnSpec& spec, const std::string& problem) {
  return AnalyzeError("Invalid default value for '" + spec.name + "'" +
                      (problem.empty() ? "" : ": " + problem));
}

Status AnalyzeDefault(const sql::ColumnSpec& spec, ColumnDef& column) {
  const sql::DefaultSpec& written = spec.default_value;
  switch (written.kind) {
    case DefaultWord::kNone:
      return {};
    case DefaultWord::kNull:
      if (!column.nullable) return BadDefault(spec, "");
      column.default_kind = DefaultKind::kNull;
      return {};
    case DefaultWord::kText: {
      if (catalog::IsAggregateState(column.type.kind)) return BadDefault(spec, "");
      const std::string problem = LiteralDefaultProblem(column.type, written.text);
      if (!problem.empty()) return BadDefault(spec, problem);
      column.default_kind = DefaultKind::kLiteral;
      column.default_text = written.text;
      return {};
    }
    case DefaultWord::kCurrentTimestamp:
      if (column.type.kind != TypeKind::kDateTime && column.type.kind != TypeKind::kDate) {
        return BadDefault(spec, "Default function now() for type " +
                                    catalog::ErrorName(column.type) + " is not supported");
      }
      column.default_kind = DefaultKind::kCurrentTimestamp;
      column.default_text = written.text;
      return {};
    case DefaultWord::kFunction: {
      const std::string problem = FunctionDefaultProblem(column.type, written.text);
      if (!problem.empty()) return BadDefault(spec, problem);
      column.default_kind =
          ToLower(written.text) == "uuid()" ? DefaultKind::kUuid : DefaultKind::kUuidNumeric;
      return {};
    }
  }
  return {};
}

bool DefaultNullable(const sql::ColumnSpec& spec, const ColumnRules& rules, bool is_key) {
  if (spec.nullable.has_value()) return *spec.nullable;
  if (spec.auto_increment) return false;
  return !(is_key && rules.model == catalog::TableModel::kPrimary);
}

Status CheckAutoIncrement(const sql::ColumnSpec& spec, const ColumnDef& column) {
  if (!spec.auto_increment) return {};
  if (column.type.kind != TypeKind::kBigInt) {
    return AnalyzeError("The AUTO_INCREMENT column must be BIGINT");
  }
  if (column.nullable) return AnalyzeError("AUTO_INCREMENT column must be NOT NULL");
  return {};
}

}  // namespace

std::optional<AggregateKind> AggregateOf(const sql::ColumnSpec& spec) {
  if (spec.aggregate.empty()) return std::nullopt;
  for (const NamedAggregate& entry : kAggregates) {
    if (entry.name == spec.aggregate) return entry.kind;
  }
  return AggregateKind::kAggState;
}

bool CanBePrimaryKey(const DataType& type) {
  switch (type.kind) {
    case TypeKind::kBoolean:
    case TypeKind::kTinyInt:
    case TypeKind::kSmallInt:
    case TypeKind::kInt:
    case TypeKind::kBigInt:
    case TypeKind::kLargeInt:
    case TypeKind::kVarchar:
    case TypeKind::kDate:
    case TypeKind::kDateTime:
      return true;
    default:
      return false;
  }
}

bool CanBeKey(const DataType& type) {
  return CanBePrimaryKey(type) || type.kind == TypeKind::kChar || type.kind == TypeKind::kDecimal;
}

bool CanBeSortKey(const DataType& type) { return CanBeKey(type); }

bool CanDistribute(const DataType& type) { return CanBeKey(type); }

Status CheckColumnName(const std::string& name) {
  for (const std::string_view reserved : kReservedNames) {
    if (SameName(name, reserved)) {
      return AnalyzeError("Column name [" + name +
                          "] is a system reserved name. Please choose a different one.");
    }
  }
  const bool bad = name.empty() || name.size() > kMaxColumnName ||
                   name.find_first_of(kForbiddenMarks) != std::string::npos ||
                   name.find('\0') != std::string::npos || name.starts_with(kShadowPrefix) ||
                   name.starts_with(kGeneratedPartitionPrefix);
  if (!bad) return {};
  return AnalyzeError(sql::code::kWrongColumnName, "Incorrect column name '" + name + "'");
}

Result<ColumnDef> AnalyzeColumn(const sql::ColumnSpec& spec, const ColumnRules& rules,
                                bool is_key) {
  SL_TRY(CheckColumnName(spec.name));
  ColumnDef column;
  column.name = spec.name;
  column.is_key = is_key;
  if (!spec.type.has_value()) {
    return AnalyzeError("Aggregate state column " + spec.name + " is not supported");
  }
  SL_ASSIGN(column.type, catalog::ResolveType(*spec.type));
  if (std::string problem = catalog::ColumnTypeProblem(column.type, spec.name); !problem.empty()) {
    if (rules.altering && column.type.kind == TypeKind::kTime)
      problem = "Unsupported data type: TIME";
    return AnalyzeError(problem);
  }
  if (is_key && !CanBeKey(column.type) && !catalog::IsAggregateState(column.type.kind)) {
    return AnalyzeError("Invalid data type of key column '" + spec.name + "': '" +
                        catalog::ErrorName(column.type) + "'");
  }
  column.nullable = DefaultNullable(spec, rules, is_key);
  SL_TRY(CheckAggregate(spec, rules, is_key, column));
  if (column.aggregate == AggregateKind::kReplaceIfNotNull) column.nullable = true;
  SL_TRY(AnalyzeDefault(spec, column));
  SL_TRY(CheckAutoIncrement(spec, column));
  column.auto_increment = spec.auto_increment;
  column.comment = spec.comment.value_or("");
  return column;
}

}  // namespace starlift::sandbox::ddl
