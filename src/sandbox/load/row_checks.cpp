#include <fmt/format.h>

#include "sandbox/load/auto_increment.h"
#include "sandbox/load/column_writer.h"
#include "sandbox/load/load_job.h"
#include "sandbox/query/automatic_partitions.h"
#include "sandbox/storage/catalog_storage.h"
#include "sandbox/storage/physical_table.h"

// The part of LoadJob that works on staged rows as a whole, in SQL.
namespace starlift::sandbox::load {
namespace {

using catalog::ColumnDef;
using catalog::TypeKind;

constexpr int kLoggedRows = 50;

// Bytes of the value inside an encoded primary key. Texts before the last column carry two bytes
// that end them.
std::string KeyBytesSql(const ColumnDef& column, bool last) {
  switch (column.type.kind) {
    case TypeKind::kBoolean:
    case TypeKind::kTinyInt:
      return "1";
    case TypeKind::kSmallInt:
      return "2";
    case TypeKind::kInt:
    case TypeKind::kDate:
      return "4";
    case TypeKind::kBigInt:
    case TypeKind::kDateTime:
      return "8";
    case TypeKind::kLargeInt:
      return "16";
    default:
      return fmt::format("strlen({}) + {}", column.physical_name(), last ? 0 : 2);
  }
}

}  // namespace

std::string LoadJob::TargetSql(const TargetColumn& target, int64_t auto_increment_base) const {
  switch (target.kind) {
    case TargetColumn::Kind::kExpression:
      return target.sql;
    case TargetColumn::Kind::kAutoIncrement:
      return fmt::format("CAST({} + row_number() OVER (ORDER BY rowid) AS BIGINT)",
                         auto_increment_base);
    case TargetColumn::Kind::kField:
      break;
  }
  std::string field = StagedFieldName(target.field);
  if (!ColumnWriter(target.column->type).needs_cast()) return field;
  return fmt::format("TRY_CAST(CAST({} AS JSON) AS {})", field, PhysicalType(target.column->type));
}

// Why a mapped row can't be loaded, NULL where it can.
std::string LoadJob::DefectSql() const {
  std::string cases;
  for (const TargetColumn& target : plan_.targets) {
    const ColumnDef& column = *target.column;
    const std::string name = column.physical_name();
    if (target.kind == TargetColumn::Kind::kField && IsComplex(column.type.kind)) {
      cases += fmt::format(" WHEN {} IS NOT NULL AND {} IS NULL THEN {}",
                           StagedFieldName(target.field), name,
                           QuoteLiteral(fmt::format("invalid value for column '{}' of type {}",
                                                    column.name, ErrorName(column.type))));
    }
    if (!column.nullable) {
      cases += fmt::format(
          " WHEN {} IS NULL THEN {}", name,
          QuoteLiteral(fmt::format("NULL value in non-nullable column '{}'", column.name)));
    }
    const bool sized = IsText(column.type.kind) || column.type.kind == TypeKind::kVarbinary;
    if (sized && target.kind == TargetColumn::Kind::kExpression && column.type.length >= 0) {
      const std::string bytes =
          (IsText(column.type.kind) ? "strlen(" : "octet_length(") + name + ")";
      cases += fmt::format(
          " WHEN {0} > {1} THEN '{2}''' || CAST({3} AS VARCHAR) || '''(length=' || {0} || {4}",
          bytes, column.type.length, IsText(column.type.kind) ? "String " : "Binary ", name,
          QuoteLiteral(fmt::format(") is too long. The max length of '{}' is {}", column.name,
                                   column.type.length)));
    }
  }
  const catalog::TableDef& table = *plan_.table;
  const bool named = !request_.partitions.empty();
  if (table.partitioning.kind != catalog::PartitionKind::kNone &&
      (named || !table.partitioning.automatic)) {
    std::string inside;
    for (const catalog::PartitionDef& partition : table.partitions) {
      const auto& names = request_.partitions;
      if (named && std::find(names.begin(), names.end(), partition.name) == names.end()) continue;
      if (partition.temporary != request_.temporary_partitions) continue;
      inside += (inside.empty() ? "(" : " OR (") + PartitionPredicate(table, partition) + ")";
    }
    cases += fmt::format(
        " WHEN NOT coalesce({}, FALSE) THEN 'The row is out of partition ranges. "
        "Please add a new partition.'",
        inside.empty() ? "FALSE" : inside);
  }
  return cases.empty() ? "CAST(NULL AS VARCHAR)" : "CASE" + cases + " END";
}

// Turns staged fields into the table's columns.
Status LoadJob::MapRows() {
  const bool needs_checks = plan_.table->partitioning.kind != catalog::PartitionKind::kNone;
  std::string columns;
  int64_t base = 0;
  for (const TargetColumn& target : plan_.targets) {
    if (target.kind == TargetColumn::Kind::kAutoIncrement) {
      SL_ASSIGN(base, ReserveAutoIncrement(*environment_.storage, plan_.table->id, counts_.total));
    }
  }
  for (const TargetColumn& target : plan_.targets) {
    columns += fmt::format("{} AS {}, ", TargetSql(target, base), target.column->physical_name());
  }
  columns += fmt::format("{} AS op, rowid AS ord", plan_.op_sql.empty() ? "0" : plan_.op_sql);
  if (plan_.plain && !needs_checks) {
    relation_ = fmt::format("(SELECT {} FROM temp.main.{})", columns, stage_name_);
    return {};
  }
  const std::string mapped = fmt::format("mapped_{}_{}", transaction_id_, plan_.table->id);
  const std::string where = plan_.where_sql.empty() ? "TRUE" : plan_.where_sql;
  SL_TRY(connection_->Execute(
      fmt::format("CREATE TEMP TABLE {} AS SELECT *, {} AS defect FROM (SELECT *, {} FROM "
                  "temp.main.{} WHERE {})",
                  mapped, DefectSql(), columns, stage_name_, where)));
  SL_ASSIGN(const std::optional<int64_t> selected,
            connection_->QueryInteger(fmt::format("SELECT count(*) FROM {}", mapped)));
  const int64_t staged = counts_.total - counts_.filtered;
  counts_.unselected = staged - selected.value_or(0);
  SL_ASSIGN(const std::vector<Row> defects,
            connection_->QueryRows(fmt::format("SELECT defect, CAST(m AS VARCHAR) FROM {} m WHERE "
                                               "defect IS NOT NULL ORDER BY ord LIMIT {}",
                                               mapped, kLoggedRows)));
  for (const Row& row : defects) log_.Add(*row[0], row[1].value_or(""));
  if (!defects.empty()) {
    SL_ASSIGN(const int64_t removed,
              connection_->Execute(fmt::format("DELETE FROM {} WHERE defect IS NOT NULL", mapped)));
    counts_.filtered += removed;
  }
  relation_ = "temp.main." + mapped;
  return {};
}

Status LoadJob::CheckKeySizes() {
  const catalog::TableDef& table = *plan_.table;
  if (table.model != catalog::TableModel::kPrimary) return {};
  std::string bytes;
  bool variable = false;
  for (size_t i = 0; i < table.key_columns.size(); ++i) {
    const ColumnDef* column = table.FindColumn(table.key_columns[i]);
    variable |= IsText(column->type.kind);
    bytes += (i > 0 ? " + " : "") + KeyBytesSql(*column, i + 1 == table.key_columns.size());
  }
  if (!variable) return {};
  SL_ASSIGN(const std::optional<int64_t> longest,
            connection_->QueryInteger(fmt::format("SELECT max({}) FROM {}", bytes, relation_)));
  if (longest.value_or(0) <= environment_.settings.primary_key_limit_size) return {};
  return Error{ErrorKind::kData, "primary key size exceed the limit."};
}

// Deletes name partitions, too, but make none.
std::string LoadJob::RowsToKeep() const {
  return plan_.op_sql.empty() ? relation_
                              : fmt::format("(SELECT * FROM {} WHERE op = 0)", relation_);
}

Status LoadJob::CheckRatio() const {
  const int64_t selected = counts_.total - counts_.unselected;
  const double ratio =
      selected == 0 ? 0 : static_cast<double>(counts_.filtered) / static_cast<double>(selected);
  if (ratio > request_.max_filter_ratio) {
    return Error{ErrorKind::kData, "too many filtered rows"};
  }
  if (counts_.loaded() == 0 && environment_.settings.empty_load_as_error) {
    return Error{ErrorKind::kData,
                 "No partitions have data available for loading. If you are sure there may be no "
                 "data to be loaded, you can use `ADMIN SET FRONTEND CONFIG ('empty_load_as_error' "
                 "= 'false')` to ensure such load jobs can succeed"};
  }
  return {};
}

Status LoadJob::FinishRows() {
  if (environment_.null_mode) return {};
  if (csv_ != nullptr) {
    // What followed the last delimiter of the last piece is a row, too.
    MemorySource nothing("");
    SL_TRY(ConsumeCsv(nothing, true));
  }
  SL_TRY(stage_->Finish());
  counts_ = stage_->counts();
  stage_.reset();
  if (direct_ != nullptr) return CheckRatio();
  SL_TRY(MapRows());
  SL_TRY(CheckRatio());
  SL_TRY(CheckKeySizes());
  if (query::MakesPartitions(*plan_.table) && request_.partitions.empty()) {
    const auto change = environment_.catalog->LockForChange();
    SL_TRY(query::CreateMissingPartitions(*environment_.catalog, change, *connection_,
                                          plan_.table->id, RowsToKeep()));
  }
  if (plan_.merge_condition != 0 && !plan_.op_sql.empty()) {
    SL_ASSIGN(
        const std::optional<int64_t> deletes,
        connection_->QueryInteger(fmt::format("SELECT count(*) FROM {} WHERE op <> 0", relation_)));
    if (deletes.value_or(0) > 0) {
      return Error{ErrorKind::kData,
                   fmt::format("memtable of tablet {} delete with condition column {}",
                               plan_.table->partitions.empty() ? plan_.table->id
                                                               : plan_.table->partitions[0].id,
                               request_.merge_condition)};
    }
  }
  return {};
}

}  // namespace starlift::sandbox::load
