#include "sandbox/ddl/partition_analysis.h"

#include <algorithm>
#include <optional>
#include <regex>
#include <set>

#include "sandbox/ddl/date_steps.h"
#include "sandbox/ddl/default_value.h"
#include "sandbox/ddl/partition_steps.h"
#include "sandbox/ddl/statement_context.h"
#include "sandbox/sql/error.h"
#include "sandbox/sql/lexer.h"
#include "sandbox/storage/catalog_storage.h"
#include "sandbox/storage/physical_table.h"

namespace starlift::sandbox::ddl {

using catalog::ColumnDef;
using catalog::DataType;
using catalog::PartitionDef;
using catalog::PartitionKind;
using catalog::PartitionTuple;
using catalog::PartitionValue;
using catalog::TableDef;
using catalog::TypeKind;
using sql::AnalyzeError;
using sql::PartitionSpec;

namespace {

constexpr size_t kMaxPartitionName = 64;

bool IsDateType(TypeKind kind) { return kind == TypeKind::kDate || kind == TypeKind::kDateTime; }

const ColumnDef& PartitionColumn(const TableDef& table, size_t i) {
  return *table.FindColumn(table.partitioning.columns[i]);
}

Status CheckPartitionName(const std::string& name) {
  static const std::regex kPattern(R"(^[a-zA-Z]\w{0,63}$|^_[a-zA-Z0-9]\w{0,62}$)");
  if (name.size() <= kMaxPartitionName && std::regex_match(name, kPattern)) return {};
  return AnalyzeError("Incorrect partition name '" + name + "'");
}

// A written value as the catalog keeps it, checked against the column's type.
Result<PartitionValue> ToValue(const sql::PartitionValueSpec& spec, const DataType& type) {
  using Kind = sql::PartitionValueSpec::Kind;
  if (spec.kind == Kind::kMaximum) return PartitionValue{PartitionValue::Kind::kMaximum, ""};
  if (spec.kind == Kind::kNull) return PartitionValue{PartitionValue::Kind::kNull, ""};
  PartitionValue value{PartitionValue::Kind::kLiteral, spec.text};
  if (catalog::IsText(type.kind)) return value;
  if (IsDateType(type.kind)) {
    const auto moment = ParseMoment(spec.text);
    if (!moment.has_value()) return AnalyzeError("date literal [" + spec.text + "] is invalid");
    value.text = type.kind == TypeKind::kDate ? DateText(*moment) : DateTimeText(*moment);
    return value;
  }
  if (const std::string problem = LiteralDefaultProblem(type, spec.text); !problem.empty()) {
    return AnalyzeError(problem);
  }
  return value;
}

int Sign(int64_t a, int64_t b) { return a < b ? -1 : a > b ? 1 : 0; }

int CompareIntegers(const std::string& a, const std::string& b) {
  const bool a_negative = a.starts_with('-');
  const bool b_negative = b.starts_with('-');
  if (a_negative != b_negative) return a_negative ? -1 : 1;
  const int magnitude = a.size() != b.size()
                            ? Sign(static_cast<int64_t>(a.size()), static_cast<int64_t>(b.size()))
                            : a.compare(b);
  return a_negative ? -magnitude : magnitude;
}

int CompareTuples(const TableDef& table, const PartitionTuple& a, const PartitionTuple& b) {
  for (size_t i = 0; i < a.size() && i < b.size(); ++i) {
    const int order = CompareValues(table.RangeType(i), a[i], b[i]);
    if (order != 0) return order;
  }
  return 0;
}

// Bounds that say less than all columns are filled up with the smallest values.
Result<PartitionTuple> ToBound(const sql::PartitionTupleSpec& spec, const TableDef& table) {
  if (spec.size() > table.partitioning.columns.size()) {
    return AnalyzeError("Partition values number is more than partition column number: [" +
                        std::to_string(spec.size()) + "]");
  }
  PartitionTuple bound;
  for (size_t i = 0; i < table.partitioning.columns.size(); ++i) {
    if (i >= spec.size()) {
      bound.push_back({PartitionValue::Kind::kMinimum, ""});
      continue;
    }
    SL_ASSIGN(PartitionValue value, ToValue(spec[i], table.RangeType(i)));
    bound.push_back(std::move(value));
  }
  return bound;
}

PartitionTuple Repeated(PartitionValue::Kind kind, size_t count) {
  return PartitionTuple(count, PartitionValue{kind, ""});
}

Status CheckOverlap(const TableDef& table, const PartitionDef& added) {
  if (CompareTuples(table, added.lower, added.upper) >= 0) {
    return AnalyzeError("Invalid range: " + RangeText(table, added));
  }
  for (const PartitionDef& other : table.partitions) {
    if (other.temporary != added.temporary) continue;
    const bool apart = CompareTuples(table, added.upper, other.lower) <= 0 ||
                       CompareTuples(table, other.upper, added.lower) <= 0;
    if (!apart) {
      return sql::SqlError(sql::code::kGeneric,
                           "Range " + RangeText(table, added) +
                               " is intersected with range: " + RangeText(table, other));
    }
  }
  return {};
}

// The highest upper bound below `upper`: where VALUES LESS THAN begins.
PartitionTuple LowerFor(const TableDef& table, const PartitionTuple& upper) {
  PartitionTuple lower = Repeated(PartitionValue::Kind::kMinimum, upper.size());
  for (const PartitionDef& partition : table.partitions) {
    if (partition.temporary) continue;
    if (CompareTuples(table, partition.upper, upper) < 0 &&
        CompareTuples(table, partition.upper, lower) > 0) {
      lower = partition.upper;
    }
  }
  return lower;
}

Result<PartitionDef> ToRangePartition(const PartitionSpec& spec, const TableDef& table) {
  PartitionDef partition;
  partition.name = spec.name;
  const size_t width = table.partitioning.columns.size();
  if (spec.kind == PartitionSpec::Kind::kBetween) {
    SL_ASSIGN(partition.lower, ToBound(spec.lower, table));
    SL_ASSIGN(partition.upper, ToBound(spec.upper, table));
    return partition;
  }
  if (spec.less_than_maximum) {
    partition.upper = Repeated(PartitionValue::Kind::kMaximum, width);
  } else {
    SL_ASSIGN(partition.upper, ToBound(spec.upper, table));
  }
  partition.lower = LowerFor(table, partition.upper);
  return partition;
}

std::string TupleText(const PartitionTuple& tuple) {
  std::vector<std::string> texts;
  for (const PartitionValue& value : tuple) {
    texts.push_back(value.kind == PartitionValue::Kind::kNull ? "NULL" : value.text);
  }
  return texts.size() == 1 ? texts.front() : "(" + Join(texts, ",") + ")";
}

Result<PartitionDef> ToListPartition(const PartitionSpec& spec, const TableDef& table,
                                     PartitionPurpose purpose) {
  PartitionDef partition;
  partition.name = spec.name;
  std::vector<const PartitionTuple*> taken;
  for (const PartitionDef& other : table.partitions) {
    if (other.temporary != (purpose == PartitionPurpose::kTemporary)) continue;
    for (const PartitionTuple& tuple : other.values) taken.push_back(&tuple);
  }
  const std::vector<catalog::PartitionKey> keys = ListKeysOf(table);
  for (const sql::PartitionTupleSpec& written : spec.values) {
    if (written.size() != keys.size()) {
      std::vector<std::string> texts;
      for (const auto& value : written) texts.push_back(value.text);
      return AnalyzeError("(" + Join(texts, ",") +
                          ") size should be equal to partition column size ");
    }
    PartitionTuple tuple;
    for (size_t i = 0; i < written.size(); ++i) {
      SL_ASSIGN(PartitionValue value, ToValue(written[i], keys[i].type));
      const bool is_column = table.partitioning.keys.empty();
      if (value.kind == PartitionValue::Kind::kNull && is_column &&
          !PartitionColumn(table, i).nullable) {
        return AnalyzeError("partition value can't be null for not null partition column " +
                            PartitionColumn(table, i).name);
      }
      tuple.push_back(std::move(value));
    }
    const auto equals = [&](const PartitionTuple& other) { return other == tuple; };
    const bool twice =
        std::any_of(partition.values.begin(), partition.values.end(), equals) ||
        std::any_of(taken.begin(), taken.end(), [&](const auto* other) { return equals(*other); });
    if (twice) {
      return AnalyzeError((purpose == PartitionPurpose::kNewTable ? "Duplicated value "
                                                                  : "Duplicate partition value ") +
                          TupleText(tuple));
    }
    partition.values.push_back(std::move(tuple));
  }
  return partition;
}

void ApplyPartitionProperties(const PartitionSpec& spec, std::vector<PartitionDef>& partitions) {
  for (const auto& [key, value] : spec.properties) {
    if (key != "replication_num") continue;
    for (PartitionDef& partition : partitions) {
      partition.replication_num = std::atoi(value.c_str());
    }
  }
}

Status CheckColumns(const std::vector<std::string>& names, const TableDef& table) {
  std::set<std::string> seen;
  for (const std::string& name : names) {
    if (!seen.insert(ToLower(name)).second) {
      return AnalyzeError("Duplicated partition column " + name);
    }
    const ColumnDef* column = table.FindColumn(name);
    if (column == nullptr) {
      return AnalyzeError("Partition column[" + name + "] does not exist in column list.");
    }
    if (!column->is_key && table.model != catalog::TableModel::kDuplicate) {
      return AnalyzeError(
          "The partition column could not be aggregated column and unique table's partition column "
          "must be key column");
    }
    const TypeKind kind = column->type.kind;
    if (kind == TypeKind::kFloat || kind == TypeKind::kDouble || catalog::IsComplex(kind) ||
        kind == TypeKind::kJson) {
      return AnalyzeError("Invalid partition column '" + name + "': invalid data type " +
                          catalog::ShowCreateName(column->type));
    }
  }
  return {};
}

Status CheckRangeTypes(const TableDef& table) {
  for (const std::string& name : table.partitioning.columns) {
    const ColumnDef& column = *table.FindColumn(name);
    if (!catalog::IsInteger(column.type.kind) && !IsDateType(column.type.kind)) {
      return sql::SqlError(sql::code::kGeneric,
                           "Column[" + column.name + "] type[" +
                               ToLower(catalog::InformationSchemaDataType(column.type)) +
                               "] cannot be a range partition key.");
    }
  }
  return {};
}

// date_trunc('unit', …): ranges of one unit each.
catalog::PartitionKey TruncatedKey(const std::vector<sql::Token>& tokens,
                                   const AnalyzedExpression& expression) {
  constexpr size_t kUnit = 2;
  catalog::PartitionKey key{expression.type, expression.sql, "", 0};
  if (tokens.size() > kUnit && tokens.front().Is("DATE_TRUNC")) {
    key.unit = ToUpper(tokens[kUnit].value);
    key.count = 1;
  }
  return key;
}

struct TimeSlice {
  std::string column;
  catalog::PartitionKey key;
};

// time_slice(column, INTERVAL n unit), which only partitioning writes so; nullopt for other
// expressions. Slices count from the year 1.
Result<std::optional<TimeSlice>> ReadTimeSlice(const std::vector<sql::Token>& tokens,
                                               const TableDef& table) {
  constexpr size_t kColumn = 2;
  constexpr size_t kCount = 5;
  constexpr size_t kUnit = 6;
  if (tokens.size() <= kColumn || !tokens.front().Is("TIME_SLICE") || !tokens[kColumn].IsName()) {
    return std::optional<TimeSlice>();
  }
  const std::string name = tokens[kColumn].Name();
  const ColumnDef* column = table.FindColumn(name);
  if (column == nullptr) return AnalyzeError("Column '" + name + "' cannot be resolved");
  if (!IsDateType(column->type.kind)) {
    return AnalyzeError("No matching function with signature: time_slice(" +
                        catalog::ShowCreateName(column->type) + ", tinyint(4), varchar)");
  }
  TimeSlice slice{column->name, {column->type, "", "DAY", 1}};
  if (tokens.size() > kUnit) {
    slice.key.count = std::max(1, std::atoi(std::string(tokens[kCount].text).c_str()));
    slice.key.unit = ToUpper(tokens[kUnit].text);
  }
  slice.key.sql = "CAST(time_bucket(INTERVAL '" + std::to_string(slice.key.count) + " " +
                  slice.key.unit + "', CAST(" + column->physical_name() +
                  " AS TIMESTAMP), TIMESTAMP '0001-01-01') AS " + PhysicalType(column->type) + ")";
  return std::optional(std::move(slice));
}

// Partitions made in advance must be as wide as those that loads make.
Status CheckStepsInAdvance(const sql::PartitionBySpec& by, const std::string& printed,
                           const catalog::PartitionKey& key) {
  for (const PartitionSpec& spec : by.partitions) {
    if (printed.starts_with("time_slice(")) {
      return sql::SyntaxError("time_slice does not support pre-created partitions");
    }
    if (spec.kind == PartitionSpec::Kind::kMultiRange && spec.every_unit != key.unit) {
      return sql::SyntaxError(
          "The partition granularity of automatic partition table batch creation in advance "
          "should be consistent");
    }
  }
  return {};
}

// PARTITION BY (a, b), PARTITION BY date_trunc('day', dt): partitions appear as rows need them.
Status AnalyzeExpressions(const Environment& environment, const sql::PartitionBySpec& by,
                          TableDef& table) {
  catalog::PartitionScheme& scheme = table.partitioning;
  // RANGE(str2date(…)) has the partitions that are written; the rest may be made in advance.
  scheme.automatic = by.kind == sql::PartitionBySpec::Kind::kExpressions;
  bool only_columns = true;
  std::vector<std::string> printed;
  for (const sql::TextRange& range : by.expressions) {
    const auto tokens = sql::Tokenize(range.text);
    const bool is_column = tokens.size() == 2 && tokens.front().IsName();
    if (is_column) {
      scheme.columns.push_back(tokens.front().Name());
      printed.push_back(sql::QuoteName(tokens.front().Name()));
      const ColumnDef* column = table.FindColumn(tokens.front().Name());
      if (column != nullptr) scheme.keys.push_back({column->type, column->physical_name(), "", 0});
      continue;
    }
    only_columns = false;
    SL_ASSIGN(const std::optional<TimeSlice> sliced, ReadTimeSlice(tokens, table));
    if (sliced.has_value()) {
      scheme.columns.push_back(sliced->column);
      scheme.keys.push_back(sliced->key);
      printed.push_back(std::string(range.text));
      continue;
    }
    SL_ASSIGN(const AnalyzedExpression expression,
              environment.analyzer->AnalyzeExpression(table.columns, range.text, range.begin));
    scheme.keys.push_back(TruncatedKey(tokens, expression));
    scheme.columns.insert(scheme.columns.end(), expression.columns.begin(),
                          expression.columns.end());
    std::string plain = expression.printed;
    std::erase(plain, '`');
    printed.push_back(std::move(plain));
  }
  SL_TRY(CheckColumns(scheme.columns, table));
  for (std::string& name : scheme.columns) name = table.FindColumn(name)->name;
  const bool steps =
      !only_columns && by.expressions.size() == 1 && scheme.columns.size() == 1 &&
      (printed.front().starts_with("date_trunc(") || printed.front().starts_with("time_slice("));
  scheme.kind = steps || !scheme.automatic ? PartitionKind::kRange : PartitionKind::kList;
  if (!scheme.automatic && catalog::IsText(scheme.keys.front().type.kind)) {
    // from_unixtime gives a text that stands for a moment.
    scheme.keys.front().type = DataType::Of(TypeKind::kDateTime);
    scheme.keys.front().sql = "TRY_CAST(" + scheme.keys.front().sql + " AS TIMESTAMP)";
  }
  if (steps && scheme.automatic)
    SL_TRY(CheckStepsInAdvance(by, printed.front(), scheme.keys.front()));
  if (only_columns) {
    scheme.keys.clear();
  } else {
    scheme.expression = Join(printed, ", ");
  }
  return {};
}

}  // namespace

std::string MinimumText(const DataType& type) {
  switch (type.kind) {
    case TypeKind::kDate:
      return "0000-01-01";
    case TypeKind::kDateTime:
      return "0000-01-01 00:00:00";
    case TypeKind::kTinyInt:
      return "-128";
    case TypeKind::kSmallInt:
      return "-32768";
    case TypeKind::kInt:
      return "-2147483648";
    case TypeKind::kBigInt:
      return "-9223372036854775808";
    case TypeKind::kLargeInt:
      return "-170141183460469231731687303715884105728";
    default:
      return "";
  }
}

int CompareValues(const DataType& type, const PartitionValue& a, const PartitionValue& b) {
  using Kind = PartitionValue::Kind;
  const auto rank = [&](const PartitionValue& value) {
    if (value.kind == Kind::kNull) return -2;
    if (value.kind == Kind::kMaximum) return 1;
    // A stated value may be the smallest one itself.
    return value.kind == Kind::kMinimum || value.text == MinimumText(type) ? -1 : 0;
  };
  if (rank(a) != 0 || rank(b) != 0) return Sign(rank(a), rank(b));
  return catalog::IsInteger(type.kind) ? CompareIntegers(a.text, b.text) : a.text.compare(b.text);
}

std::string RangeText(const TableDef& table, const PartitionDef& partition) {
  const auto key = [&](const PartitionTuple& bound) {
    std::vector<std::string> types;
    std::vector<std::string> values;
    for (size_t i = 0; i < bound.size(); ++i) {
      const DataType& type = table.RangeType(i);
      types.push_back(catalog::ErrorName(type));
      values.push_back(bound[i].kind == PartitionValue::Kind::kMinimum   ? MinimumText(type)
                       : bound[i].kind == PartitionValue::Kind::kMaximum ? "MAXVALUE"
                                                                         : bound[i].text);
    }
    return "types: [" + Join(types, ", ") + "]; keys: [" + Join(values, ", ") + "]; ";
  };
  return "[" + key(partition.lower) + ".." + key(partition.upper) + ")";
}

Result<std::vector<PartitionDef>> AnalyzePartition(const PartitionSpec& spec, const TableDef& table,
                                                   PartitionPurpose purpose) {
  std::vector<PartitionDef> partitions;
  const bool is_list = table.partitioning.kind == PartitionKind::kList;
  if (is_list != (spec.kind == PartitionSpec::Kind::kList)) {
    return AnalyzeError(is_list
                            ? "Invalid partition definition: the table is partitioned by list"
                            : "Invalid partition definition: the table is partitioned by range");
  }
  if (spec.kind == PartitionSpec::Kind::kMultiRange) {
    SL_ASSIGN(partitions, PartitionSteps(spec, table));
  } else {
    SL_TRY(CheckPartitionName(spec.name));
    SL_ASSIGN(PartitionDef partition,
              is_list ? ToListPartition(spec, table, purpose) : ToRangePartition(spec, table));
    partitions.push_back(std::move(partition));
  }
  ApplyPartitionProperties(spec, partitions);
  for (PartitionDef& partition : partitions) {
    partition.temporary = purpose == PartitionPurpose::kTemporary;
  }
  if (!is_list) {
    for (const PartitionDef& partition : partitions) SL_TRY(CheckOverlap(table, partition));
  }
  return partitions;
}

Status AnalyzePartitionBy(const Environment& environment, const sql::CreateTable& statement,
                          TableDef& table) {
  if (!statement.partition_by.has_value()) {
    PartitionDef only;
    only.name = table.name;
    table.partitions.push_back(std::move(only));
    return {};
  }
  const sql::PartitionBySpec& by = *statement.partition_by;
  catalog::PartitionScheme& scheme = table.partitioning;
  if (!by.expressions.empty()) {
    SL_TRY(AnalyzeExpressions(environment, by, table));
  } else {
    SL_TRY(CheckColumns(by.columns, table));
    for (const std::string& name : by.columns) {
      scheme.columns.push_back(table.FindColumn(name)->name);
    }
    scheme.kind =
        by.kind == sql::PartitionBySpec::Kind::kList ? PartitionKind::kList : PartitionKind::kRange;
    scheme.automatic = scheme.kind == PartitionKind::kList && !by.has_partition_list;
    if (scheme.kind == PartitionKind::kRange) SL_TRY(CheckRangeTypes(table));
  }
  std::set<std::string> names;
  for (const PartitionSpec& spec : by.partitions) {
    SL_ASSIGN(std::vector<PartitionDef> added,
              AnalyzePartition(spec, table, PartitionPurpose::kNewTable));
    for (PartitionDef& partition : added) {
      if (!names.insert(ToLower(partition.name)).second) {
        return AnalyzeError(sql::code::kDuplicatePartition,
                            "Duplicate partition name " + partition.name);
      }
      table.partitions.push_back(std::move(partition));
    }
  }
  return {};
}

}  // namespace starlift::sandbox::ddl
