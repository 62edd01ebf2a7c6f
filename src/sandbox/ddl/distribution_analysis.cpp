#include "sandbox/ddl/distribution_analysis.h"

#include <algorithm>
#include <cstdlib>

#include "sandbox/ddl/column_analysis.h"
#include "sandbox/ddl/date_steps.h"
#include "sandbox/ddl/partition_analysis.h"
#include "sandbox/ddl/statement_context.h"
#include "sandbox/sql/error.h"

namespace starlift::sandbox::ddl {

using catalog::ColumnDef;
using catalog::DistributionKind;
using catalog::PartitionDef;
using catalog::PartitionValue;
using catalog::TableDef;
using catalog::TableModel;
using sql::AnalyzeError;
using sql::SqlError;

namespace {

constexpr int kUnpartitionedBuckets = 16;
constexpr int64_t kMillisPerSecond = 1000;

std::string_view KeyWords(TableModel model) {
  if (model == TableModel::kPrimary) return "PRIMARY KEY";
  return model == TableModel::kUnique ? "UNIQUE KEY" : "AGGREGATE KEY";
}

bool HasReplace(const TableDef& table) {
  return std::any_of(table.columns.begin(), table.columns.end(), [](const ColumnDef& column) {
    return column.aggregate == catalog::AggregateKind::kReplace ||
           column.aggregate == catalog::AggregateKind::kReplaceIfNotNull;
  });
}

Status CheckRandom(const sql::DistributionSpec& spec, const TableDef& table) {
  if (table.model == TableModel::kDuplicate) return {};
  std::string who(KeyWords(table.model));
  if (table.model == TableModel::kAggregate) {
    if (!HasReplace(table)) return {};
    who += " with replace ";
  }
  return sql::AnalyzeErrorAt(spec.begin, spec.end, who + " must use hash distribution");
}

void TakeDefault(TableDef& table) {
  if (table.model == TableModel::kPrimary) {
    table.distribution.kind = DistributionKind::kHash;
    table.distribution.columns = table.key_columns;
  } else {
    table.distribution.kind = DistributionKind::kRandom;
  }
}

const std::string* DynamicProperty(const TableDef& table, const std::string& name) {
  const auto found = table.properties.find("dynamic_partition." + name);
  return found == table.properties.end() ? nullptr : &found->second;
}

}  // namespace

Status AnalyzeDistribution(const std::optional<sql::DistributionSpec>& spec, TableDef& table) {
  if (!spec.has_value()) {
    if (table.model == TableModel::kAggregate || table.model == TableModel::kUnique) {
      // Without a key clause the real one doesn't look here.
      return AnalyzeError("Currently not support default distribution in " +
                          std::string(catalog::ModelName(table.model)));
    }
    TakeDefault(table);
    return {};
  }
  table.distribution.buckets = static_cast<int>(spec->buckets.value_or(0));
  if (spec->random) {
    SL_TRY(CheckRandom(*spec, table));
    table.distribution.kind = DistributionKind::kRandom;
    return {};
  }
  table.distribution.kind = DistributionKind::kHash;
  for (const std::string& name : spec->columns) {
    const ColumnDef* column = table.FindColumn(name);
    if (column == nullptr) {
      return AnalyzeError("Distribution column(" + name + ") doesn't exist.");
    }
    table.distribution.columns.push_back(column->name);
  }
  return {};
}

Status CheckDistributionKey(const TableDef& table) {
  for (const std::string& name : table.distribution.columns) {
    const ColumnDef& column = *table.FindColumn(name);
    if (!column.is_key && table.model != TableModel::kDuplicate) {
      return SqlError(sql::code::kGeneric, "Distribution column[" + name + "] is not key column");
    }
    if (!CanDistribute(column.type)) {
      return SqlError(sql::code::kGeneric,
                      catalog::ErrorName(column.type) + " column can not be distribution column");
    }
  }
  return {};
}

void ResolvePartitions(const Environment& environment, TableDef& table) {
  const int backends = std::max(1, environment.cluster.live_backends);
  int buckets = table.distribution.buckets;
  if (buckets == 0) {
    const bool random = table.distribution.kind == DistributionKind::kRandom;
    const bool partitioned = table.partitioning.kind != catalog::PartitionKind::kNone;
    buckets = random ? backends : partitioned ? 2 * backends : kUnpartitionedBuckets;
  }
  table.partitioning.new_buckets = buckets;
  const auto stated = table.properties.find("replication_num");
  const int replicas = stated == table.properties.end() ? 1 : std::atoi(stated->second.c_str());
  for (PartitionDef& partition : table.partitions) {
    if (partition.buckets == 0) partition.buckets = buckets;
    if (partition.replication_num == 0) partition.replication_num = replicas;
  }
}

void AddDynamicPartitions(TableDef& table) {
  const std::string* enable = DynamicProperty(table, "enable");
  const std::string* unit_text = DynamicProperty(table, "time_unit");
  const std::string* end = DynamicProperty(table, "end");
  const std::string* prefix = DynamicProperty(table, "prefix");
  const bool complete = unit_text != nullptr && end != nullptr && prefix != nullptr;
  if (!complete || (enable != nullptr && ToLower(*enable) == "false")) return;

  const ColumnDef& column = *table.FindColumn(table.partitioning.columns.front());
  const std::string unit = ToUpper(*unit_text);
  const std::string* buckets = DynamicProperty(table, "buckets");
  const auto bound = [&](int64_t moment) {
    PartitionValue value;
    value.text = column.type.kind == catalog::TypeKind::kDate       ? DateText(moment)
                 : column.type.kind == catalog::TypeKind::kDateTime ? DateTimeText(moment)
                                                                    : UnitLabel(moment, unit);
    return catalog::PartitionTuple{value};
  };
  const int64_t today = TruncateToUnit(NowMs() / kMillisPerSecond, unit);
  const int last = std::atoi(end->c_str());
  for (int step = 0; step <= last; ++step) {
    const int64_t from = AddUnits(today, unit, step);
    PartitionDef partition;
    partition.name = *prefix + UnitLabel(from, unit);
    partition.lower = bound(from);
    partition.upper = bound(AddUnits(from, unit, 1));
    partition.buckets = buckets == nullptr ? 0 : std::atoi(buckets->c_str());
    const bool overlaps = std::any_of(
        table.partitions.begin(), table.partitions.end(), [&](const PartitionDef& other) {
          return CompareValues(column.type, other.lower[0], partition.upper[0]) < 0 &&
                 CompareValues(column.type, partition.lower[0], other.upper[0]) < 0;
        });
    if (!overlaps) table.partitions.push_back(std::move(partition));
  }
}

}  // namespace starlift::sandbox::ddl
