#include "sandbox/catalog/table_def.h"

#include <algorithm>

#include <strings.h>

namespace starlift::sandbox::catalog {
namespace {

bool SameName(std::string_view a, std::string_view b) {
  return a.size() == b.size() && strncasecmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace

const DataType& TableDef::RangeType(size_t i) const {
  // Ranges over an expression, RANGE(str2date(…)), are of the expression's type.
  const bool computed = !partitioning.automatic && i < partitioning.keys.size();
  return computed ? partitioning.keys[i].type : FindColumn(partitioning.columns[i])->type;
}

std::optional<size_t> TableDef::ColumnPosition(std::string_view column_name) const {
  for (size_t i = 0; i < columns.size(); ++i) {
    if (SameName(columns[i].name, column_name)) return i;
  }
  return std::nullopt;
}

const ColumnDef* TableDef::FindColumn(std::string_view column_name) const {
  const std::optional<size_t> position = ColumnPosition(column_name);
  return position.has_value() ? &columns[*position] : nullptr;
}

ColumnDef* TableDef::FindColumn(std::string_view column_name) {
  const std::optional<size_t> position = ColumnPosition(column_name);
  return position.has_value() ? &columns[*position] : nullptr;
}

const PartitionDef* TableDef::FindPartition(std::string_view partition_name) const {
  const auto found = std::find_if(partitions.begin(), partitions.end(), [&](const PartitionDef& p) {
    return SameName(p.name, partition_name);
  });
  return found == partitions.end() ? nullptr : &*found;
}

std::string_view ModelName(TableModel model) {
  switch (model) {
    case TableModel::kDuplicate:
      return "DUP_KEYS";
    case TableModel::kAggregate:
      return "AGG_KEYS";
    case TableModel::kUnique:
      return "UNIQUE_KEYS";
    case TableModel::kPrimary:
      return "PRIMARY_KEYS";
  }
  return "";
}

std::string_view AggregateName(AggregateKind kind) {
  switch (kind) {
    case AggregateKind::kNone:
      return "";
    case AggregateKind::kSum:
      return "SUM";
    case AggregateKind::kMin:
      return "MIN";
    case AggregateKind::kMax:
      return "MAX";
    case AggregateKind::kReplace:
      return "REPLACE";
    case AggregateKind::kReplaceIfNotNull:
      return "REPLACE_IF_NOT_NULL";
    case AggregateKind::kHllUnion:
      return "HLL_UNION";
    case AggregateKind::kBitmapUnion:
      return "BITMAP_UNION";
    case AggregateKind::kPercentileUnion:
      return "PERCENTILE_UNION";
    case AggregateKind::kAggState:
      return "AGG_STATE_UNION";
  }
  return "";
}

}  // namespace starlift::sandbox::catalog
