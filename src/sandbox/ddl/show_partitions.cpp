#include <algorithm>
#include <limits>

#include "sandbox/ddl/partition_analysis.h"
#include "sandbox/ddl/show_filter.h"
#include "sandbox/ddl/show_statements.h"
#include "sandbox/sql/error.h"

// SHOW PARTITIONS, DATA, TABLETS, DYNAMIC PARTITION TABLES.
namespace starlift::sandbox::ddl {

using catalog::PartitionDef;
using catalog::PartitionKind;
using catalog::TableDef;
using catalog::TablePtr;
using sql::ResultRow;
using sql::StatementResult;
using sql::TextColumns;

namespace {

constexpr const char* kNever = "9999-12-31 15:59:59";
constexpr std::string_view kPartitionWhere =
    "Only the columns of "
    "PartitionId/PartitionName/State/Buckets/ReplicationNum/LastConsistencyCheckTime "
    "are supported.";

PartitionStatistics StatisticsOf(const StatementContext& context, const TableDef& table,
                                 const PartitionDef& partition) {
  if (context.environment.storage == nullptr) return {};
  return context.environment.storage->StatisticsOf(table, partition);
}

// [["a"],["b"]]
std::string ListText(const PartitionDef& partition) {
  std::vector<std::string> tuples;
  for (const auto& tuple : partition.values) {
    std::vector<std::string> values;
    for (const auto& value : tuple) {
      values.push_back(
          value.kind == catalog::PartitionValue::Kind::kNull ? "null" : "\"" + value.text + "\"");
    }
    tuples.push_back("[" + Join(values, ",") + "]");
  }
  return "[" + Join(tuples, ",") + "]";
}

std::string BoundsText(const TableDef& table, const PartitionDef& partition) {
  switch (table.partitioning.kind) {
    case PartitionKind::kNone:
      return "";
    case PartitionKind::kRange:
      return RangeText(table, partition);
    case PartitionKind::kList:
      return ListText(partition);
  }
  return "";
}

std::string DistributionKey(const TableDef& table) {
  return table.distribution.kind == catalog::DistributionKind::kRandom
             ? "ALL KEY"
             : Join(table.distribution.columns, ", ");
}

std::string StorageMedium(const TableDef& table) {
  const auto stated = table.properties.find("storage_medium");
  return stated == table.properties.end() ? "HDD" : stated->second;
}

ResultRow PartitionRow(const StatementContext& context, const TableDef& table,
                       const PartitionDef& partition) {
  const PartitionStatistics facts = StatisticsOf(context, table, partition);
  const int64_t version_ms =
      facts.visible_version_ms > 0 ? facts.visible_version_ms : partition.created_ms;
  return {std::to_string(partition.id),
          partition.name,
          std::to_string(facts.visible_version),
          TimeText(version_ms),
          "0",
          "NORMAL",
          Join(table.partitioning.columns, ", "),
          BoundsText(table, partition),
          DistributionKey(table),
          std::to_string(partition.buckets),
          std::to_string(partition.replication_num),
          StorageMedium(table),
          kNever,
          std::nullopt,
          ShortSizeText(facts.data_bytes),
          ShortSizeText(facts.data_bytes),
          "false",
          std::to_string(facts.row_count),
          std::to_string(facts.visible_version),
          std::to_string(partition.physical_id),
          "TXN_NORMAL"};
}

Result<TablePtr> FindStored(const StatementContext& context, const TableName& name) {
  SL_TRY(RequireDatabase(context, name.database));
  TablePtr table = context.catalog().FindTable(name.database, name.table);
  if (table == nullptr) return TableNotFound(name.table);
  SL_TRY(context.session.RequirePrivilege("ANY", ObjectKindOf(*table), name.database, name.table));
  return table;
}

struct DataTotals {
  int64_t bytes = 0;
  int64_t rows = 0;
  int64_t replicas = 0;
};

DataTotals TotalsOf(const StatementContext& context, const TableDef& table) {
  DataTotals totals;
  for (const PartitionDef& partition : table.partitions) {
    const PartitionStatistics facts = StatisticsOf(context, table, partition);
    totals.bytes += facts.data_bytes;
    totals.rows += facts.row_count;
    totals.replicas += int64_t{partition.buckets} * partition.replication_num;
  }
  return totals;
}

StatementOutcome ShowDataOfTable(const StatementContext& context, const TableDef& table) {
  const DataTotals totals = TotalsOf(context, table);
  const std::string size = SizeText(totals.bytes);
  const std::string replicas = std::to_string(totals.replicas);
  StatementResult result =
      StatementResult::Rows(sql::SizedTextColumns({{"TableName", sql::kShortText},
                                                   {"IndexName", sql::kShortText},
                                                   {"Size", sql::kLongText},
                                                   {"ReplicaCount", sql::kShortText},
                                                   {"RowCount", sql::kShortText}}));
  result.rows.push_back({table.name, table.name, size, replicas, std::to_string(totals.rows)});
  for (const catalog::RollupDef& rollup : table.rollups) {
    result.rows.push_back({"", rollup.name, SizeText(0), replicas, "0"});
  }
  result.rows.push_back({"", "Total", size, replicas, ""});
  return result;
}

constexpr int64_t kTabletsPerPartition = 10000;

// Where a tablet belongs; an unknown one gives a row of NULLs.
StatementOutcome ShowOneTablet(const StatementContext& context, int64_t tablet) {
  StatementResult result = StatementResult::Rows(
      TextColumns({"DbName", "TableName", "PartitionName", "IndexName", "DbId", "TableId",
                   "PartitionId", "IndexId", "IsSync", "DetailCmd"},
                  sql::kLongText));
  const auto row =
      [&](const std::optional<std::string>& database, const std::optional<std::string>& table,
          const std::optional<std::string>& partition, const std::vector<int64_t>& ids) {
        std::string path = "SHOW PROC '/dbs/" + std::to_string(ids[0]) + "/" +
                           std::to_string(ids[1]) + "/partitions/" + std::to_string(ids[2]) + "/" +
                           std::to_string(ids[3]) + "/" + std::to_string(tablet) + "';";
        const bool known = table.has_value();
        result.rows.push_back({database, table, partition, table, std::to_string(ids[0]),
                               std::to_string(ids[1]), std::to_string(ids[2]),
                               std::to_string(ids[3]), known ? "true" : "false", std::move(path)});
      };
  for (const catalog::DatabasePtr& database : context.catalog().Databases()) {
    for (const TablePtr& table : context.catalog().Tables(database->id)) {
      for (const PartitionDef& partition : table->partitions) {
        if (partition.physical_id != tablet / kTabletsPerPartition) continue;
        row(database->name, table->name, partition.name,
            {database->id, table->id, partition.physical_id, table->base_index_id});
        return result;
      }
    }
  }
  row(std::nullopt, std::nullopt, std::nullopt, {-1, -1, -1, -1});
  return result;
}

// One pretended tablet: a bucket's replica on one of the backends.
ResultRow TabletRow(int64_t tablet, int64_t backend, const PartitionStatistics& facts, bool first) {
  const std::string version = std::to_string(facts.visible_version);
  const std::string host = "http://127.0.0.1:8040";
  return {std::to_string(tablet),
          std::to_string(tablet + 1),
          std::to_string(backend),
          "0",
          version,
          "0",
          version,
          "0",
          "-1",
          "0",
          std::nullopt,
          first ? ShortSizeText(facts.data_bytes) : "0B",
          first ? std::to_string(facts.row_count) : "0",
          "NORMAL",
          std::nullopt,
          "-1",
          "0",
          "-1",
          "0",
          host + "/api/meta/header/" + std::to_string(tablet),
          host + "/api/compaction/show?tablet_id=" + std::to_string(tablet),
          "",
          "true",
          "-1"};
}

}  // namespace

StatementOutcome ShowPartitions(const StatementContext& context, const sql::ShowObjects& show) {
  SL_ASSIGN(const TableName name, ResolveTableName(context, *show.table));
  SL_ASSIGN(const TablePtr table, FindStored(context, name));
  if (!table->is_stored()) {
    return sql::AnalyzeError("Table[" + name.table +
                             "] does not exists or is not OLAP/LAKE/CLOUD_NATIVE table");
  }
  const bool by_list = table->partitioning.kind == PartitionKind::kList;
  StatementResult result =
      StatementResult::Rows(TextColumns({"PartitionId",        "PartitionName",
                                         "VisibleVersion",     "VisibleVersionTime",
                                         "VisibleVersionHash", "State",
                                         "PartitionKey",       by_list ? "List" : "Range",
                                         "DistributionKey",    "Buckets",
                                         "ReplicationNum",     "StorageMedium",
                                         "CooldownTime",       "LastConsistencyCheckTime",
                                         "DataSize",           "StorageSize",
                                         "IsInMemory",         "RowCount",
                                         "DataVersion",        "VersionEpoch",
                                         "VersionTxnType"},
                                        sql::kLongText));
  const bool temporary = show.kind == sql::ShowObjects::Kind::kTemporaryPartitions;
  std::vector<const PartitionDef*> shown;
  for (const PartitionDef& partition : table->partitions) {
    if (partition.temporary == temporary) shown.push_back(&partition);
  }
  if (table->partitioning.kind == PartitionKind::kRange) {
    const auto& type = table->FindColumn(table->partitioning.columns.front())->type;
    std::stable_sort(shown.begin(), shown.end(), [&](const auto* a, const auto* b) {
      return CompareValues(type, a->lower.front(), b->lower.front()) < 0;
    });
  }
  for (const PartitionDef* partition : shown) {
    result.rows.push_back(PartitionRow(context, *table, *partition));
  }
  SL_TRY(ApplyFilter(show.filter, kPartitionWhere, result));
  return result;
}

StatementOutcome ShowData(const StatementContext& context, const sql::ShowObjects& show) {
  if (show.table.has_value()) {
    SL_ASSIGN(const TableName name, ResolveTableName(context, *show.table));
    SL_ASSIGN(const TablePtr table, FindStored(context, name));
    return ShowDataOfTable(context, *table);
  }
  SL_ASSIGN(const std::string database, CurrentDatabase(context));
  SL_ASSIGN(const catalog::DatabasePtr found, RequireDatabase(context, database));
  StatementResult result =
      StatementResult::Rows(sql::SizedTextColumns({{"TableName", sql::kShortText},
                                                   {"Size", sql::kLongText},
                                                   {"ReplicaCount", sql::kShortText}}));
  DataTotals all;
  for (const TablePtr& table : context.catalog().Tables(found->id)) {
    const bool seen = context.session.CanSeeTable(database, table->name, ObjectKindOf(*table));
    if (!table->is_stored() || !seen) continue;
    const DataTotals totals = TotalsOf(context, *table);
    all.bytes += totals.bytes;
    all.replicas += totals.replicas;
    result.rows.push_back({table->name, SizeText(totals.bytes), std::to_string(totals.replicas)});
  }
  constexpr int64_t kQuota = std::numeric_limits<int64_t>::max();
  result.rows.push_back({"Total", SizeText(all.bytes), std::to_string(all.replicas)});
  result.rows.push_back({"Quota", SizeText(kQuota), std::to_string(kQuota)});
  result.rows.push_back(
      {"Left", SizeText(kQuota - all.bytes), std::to_string(kQuota - all.replicas)});
  return result;
}

StatementOutcome ShowTablets(const StatementContext& context, const sql::ShowObjects& show) {
  if (show.tablet.has_value()) return ShowOneTablet(context, *show.tablet);
  SL_ASSIGN(const TableName name, ResolveTableName(context, *show.table));
  SL_ASSIGN(const TablePtr table, FindStored(context, name));
  StatementResult result = StatementResult::Rows(TextColumns({"TabletId",
                                                              "ReplicaId",
                                                              "BackendId",
                                                              "SchemaHash",
                                                              "Version",
                                                              "VersionHash",
                                                              "LstSuccessVersion",
                                                              "LstSuccessVersionHash",
                                                              "LstFailedVersion",
                                                              "LstFailedVersionHash",
                                                              "LstFailedTime",
                                                              "DataSize",
                                                              "RowCount",
                                                              "State",
                                                              "LstConsistencyCheckTime",
                                                              "CheckVersion",
                                                              "CheckVersionHash",
                                                              "VersionCount",
                                                              "PathHash",
                                                              "MetaUrl",
                                                              "CompactionStatus",
                                                              "DiskRootPath",
                                                              "IsConsistent",
                                                              "Checksum"},
                                                             sql::kLongText));
  const int backends = std::max(1, context.environment.cluster.live_backends);
  for (const PartitionDef& partition : table->partitions) {
    const PartitionStatistics facts = StatisticsOf(context, *table, partition);
    for (int bucket = 0; bucket < partition.buckets; ++bucket) {
      for (int replica = 0; replica < partition.replication_num; ++replica) {
        const int64_t tablet = partition.physical_id * kTabletsPerPartition + bucket * 2;
        result.rows.push_back(
            TabletRow(tablet, kFirstBackendId + (bucket + replica) % backends, facts, bucket == 0));
      }
    }
  }
  SL_TRY(ApplyFilter(show.filter, "Only the shown columns are supported.", result));
  return result;
}

StatementOutcome ShowDynamicPartitionTables(const StatementContext& context,
                                            const sql::ShowObjects& show) {
  SL_ASSIGN(const std::string database, ShownDatabase(context, show));
  SL_ASSIGN(const catalog::DatabasePtr found, RequireDatabase(context, database));
  StatementResult result = StatementResult::Rows(
      TextColumns({"TableName", "Enable", "TimeUnit", "Start", "End", "Prefix", "Buckets",
                   "ReplicationNum", "StartOf", "LastUpdateTime", "LastSchedulerTime", "State",
                   "LastCreatePartitionMsg", "LastDropPartitionMsg", "InScheduler"}));
  for (const TablePtr& table : context.catalog().Tables(found->id)) {
    const auto property = [&](const std::string& key, const std::string& fallback) {
      const auto stated = table->properties.find("dynamic_partition." + key);
      return stated == table->properties.end() ? fallback : stated->second;
    };
    if (property("time_unit", "").empty()) continue;
    const std::string created = TimeText(table->created_ms);
    const std::string enable = ToLower(property("enable", "true"));
    const auto replicas = table->properties.find("replication_num");
    const std::string unit = ToUpper(property("time_unit", ""));
    std::optional<std::string> start_of;
    if (unit == "WEEK") start_of = "MONDAY";
    if (unit == "MONTH") start_of = "1st";
    result.rows.push_back(
        {table->name, enable, unit, property("start", "-2147483648"), property("end", ""),
         property("prefix", ""), property("buckets", "0"),
         property("replication_num", replicas == table->properties.end() ? "" : replicas->second),
         start_of, created, created, "NORMAL", std::nullopt, std::nullopt, enable});
  }
  return result;
}

}  // namespace starlift::sandbox::ddl
