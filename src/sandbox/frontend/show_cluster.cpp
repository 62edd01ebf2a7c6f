// SHOW of the pretended cluster's nodes, and SHOW PROC.
#include <charconv>

#include "sandbox/ddl/statement_context.h"
#include "sandbox/frontend/statements.h"
#include "sandbox/query/value_text.h"

namespace starlift::sandbox::frontend {
namespace {

using sql::StatementResult;
using sql::TokenReader;

constexpr int64_t kFirstBackendId = 10001;

std::string NowText() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return query::DateTimeText(std::chrono::duration_cast<std::chrono::seconds>(now).count() *
                             1'000'000);
}

std::string StartText(const Session& session) {
  return query::DateTimeText(session.server().started_ms / 1000 * 1'000'000);
}

size_t TabletCount(const Session& session) {
  const catalog::Catalog& catalog = *session.server().environment.ddl->catalog;
  size_t count = 0;
  for (const catalog::DatabasePtr& database : catalog.Databases()) {
    for (const catalog::TablePtr& table : catalog.Tables(database->id)) {
      for (const catalog::PartitionDef& partition : table->partitions)
        count += static_cast<size_t>(partition.buckets);
    }
  }
  return count;
}

// With either of the two privileges.
Status RequireNodeView(const Session& session) {
  if (session.HasSystemPrivilege("OPERATE") || session.HasSystemPrivilege("NODE")) return {};
  return AccessDenied("OPERATE OR NODE", "SYSTEM", session.RoleNames());
}

StatementResult Backends(const Session& session) {
  const ClusterEndpoints& endpoints = session.server().environment.endpoints;
  StatementResult result = ShowResult({"BackendId",
                                       "IP",
                                       "HeartbeatPort",
                                       "BePort",
                                       "HttpPort",
                                       "BrpcPort",
                                       "LastStartTime",
                                       "LastHeartbeat",
                                       "Alive",
                                       "SystemDecommissioned",
                                       "ClusterDecommissioned",
                                       "TabletNum",
                                       "DataUsedCapacity",
                                       "AvailCapacity",
                                       "TotalCapacity",
                                       "UsedPct",
                                       "MaxDiskUsedPct",
                                       "ErrMsg",
                                       "Version",
                                       "Status",
                                       "DataTotalCapacity",
                                       "DataUsedPct",
                                       "CpuCores",
                                       "MemLimit",
                                       "NumRunningQueries",
                                       "MemUsedPct",
                                       "CpuUsedPct",
                                       "DataCacheMetrics",
                                       "Location",
                                       "StatusCode"},
                                      90);
  const size_t tablets = TabletCount(session);
  for (int i = 0; i < endpoints.backends; ++i) {
    const std::string now = NowText();
    result.rows.push_back({std::to_string(kFirstBackendId + i),
                           endpoints.host,
                           "9050",
                           "9060",
                           std::to_string(endpoints.be_http_port),
                           "8060",
                           StartText(session),
                           now,
                           "true",
                           "false",
                           "false",
                           std::to_string(tablets / static_cast<size_t>(endpoints.backends)),
                           "0.000 B",
                           "100.000 GB",
                           "100.000 GB",
                           "0.00 %",
                           "0.00 %",
                           "",
                           kStarRocksVersion,
                           "{\"lastSuccessReportTabletsTime\":\"" + now + "\"}",
                           "100.000 GB",
                           "0.00 %",
                           "2",
                           "2.000GB",
                           "0",
                           "0.00 %",
                           "0.0 %",
                           "N/A",
                           "",
                           "OK"});
  }
  return result;
}

StatementResult Frontends(const Session& session) {
  const ClusterEndpoints& endpoints = session.server().environment.endpoints;
  StatementResult result =
      ShowResult({"Id", "Name", "IP", "EditLogPort", "HttpPort", "QueryPort", "RpcPort", "Role",
                  "ClusterId", "Join", "Alive", "ReplayedJournalId", "LastHeartbeat", "IsHelper",
                  "ErrMsg", "StartTime", "Version"},
                 90);
  result.rows.push_back({"1", endpoints.host + "_9010_1", endpoints.host, "9010",
                         std::to_string(endpoints.http_port), std::to_string(endpoints.query_port),
                         std::to_string(endpoints.rpc_port), "LEADER", "1", "true", "true", "1",
                         NowText(), "true", "", StartText(session), kStarRocksVersion});
  return result;
}

StatementResult ComputeNodes() {
  return ShowResult({"ComputeNodeId",
                     "IP",
                     "HeartbeatPort",
                     "BePort",
                     "HttpPort",
                     "BrpcPort",
                     "LastStartTime",
                     "LastHeartbeat",
                     "Alive",
                     "SystemDecommissioned",
                     "ClusterDecommissioned",
                     "ErrMsg",
                     "Version",
                     "CpuCores",
                     "MemLimit",
                     "NumRunningQueries",
                     "MemUsedPct",
                     "CpuUsedPct",
                     "DataCacheMetrics",
                     "HasStoragePath",
                     "StatusCode"},
                    90);
}

StatementResult ProcRoot() {
  StatementResult result = ShowResult({"name"}, 90);
  for (const char* name : {"backends",
                           "brokers",
                           "catalog",
                           "cluster_balance",
                           "colocation_group",
                           "compactions",
                           "compute_nodes",
                           "current_queries",
                           "dbs",
                           "frontends",
                           "global_current_queries",
                           "historical_nodes",
                           "jobs",
                           "load_error_hub",
                           "meta_recovery",
                           "monitor",
                           "replications",
                           "resources",
                           "routine_loads",
                           "statistic",
                           "stream_loads",
                           "tasks",
                           "transactions",
                           "warehouses"}) {
    result.rows.push_back({name});
  }
  return result;
}

StatementResult ProcDatabases(const Session& session) {
  const catalog::Catalog& catalog = *session.server().environment.ddl->catalog;
  StatementResult result = ShowResult(
      {"DbId", "DbName", "TableNum", "Quota", "LastConsistencyCheckTime", "ReplicaQuota"}, 90);
  for (const catalog::DatabasePtr& database : catalog.Databases()) {
    result.rows.push_back({std::to_string(database->id), database->name,
                           std::to_string(catalog.Tables(database->id).size()), "8388608.000 TB",
                           std::nullopt, "9223372036854775807"});
  }
  return result;
}

StatementResult ProcTables(const Session& session, int64_t database_id) {
  const catalog::Catalog& catalog = *session.server().environment.ddl->catalog;
  StatementResult result = ShowResult(
      {"TableId", "TableName", "IndexNum", "PartitionColumnName", "PartitionNum", "State", "Type",
       "LastConsistencyCheckTime", "ReplicaCount", "PartitionType", "StoragePath"},
      90);
  for (const catalog::TablePtr& table : catalog.Tables(database_id)) {
    if (!table->is_stored()) {
      result.rows.push_back({std::to_string(table->id), table->name, "1", std::nullopt, "1",
                             std::nullopt,
                             table->is_external() ? ddl::ToUpper(table->engine) : "VIEW",
                             std::nullopt, "0", "UNPARTITIONED", std::nullopt});
      continue;
    }
    std::string columns;
    for (const std::string& column : table->partitioning.columns)
      columns += (columns.empty() ? "" : ", ") + column;
    int64_t replicas = 0;
    for (const catalog::PartitionDef& partition : table->partitions) {
      replicas += static_cast<int64_t>(partition.buckets) * partition.replication_num;
    }
    const bool list = table->partitioning.kind == catalog::PartitionKind::kList;
    const bool range = table->partitioning.kind == catalog::PartitionKind::kRange;
    result.rows.push_back(
        {std::to_string(table->id), table->name, std::to_string(1 + table->rollups.size()), columns,
         std::to_string(table->partitions.size()), "NORMAL",
         table->is_table() ? "OLAP" : "MATERIALIZED_VIEW", std::nullopt, std::to_string(replicas),
         list    ? "LIST"
         : range ? "RANGE"
                 : "UNPARTITIONED",
         std::nullopt});
  }
  return result;
}

StatementResult ProcStatistic(const Session& session) {
  const catalog::Catalog& catalog = *session.server().environment.ddl->catalog;
  StatementResult result = ShowResult(
      {"DbId", "DbName", "TableNum", "PartitionNum", "IndexNum", "TabletNum", "ReplicaNum",
       "UnhealthyTabletNum", "InconsistentTabletNum", "CloningTabletNum", "ErrorStateTabletNum"},
      90);
  int64_t totals[5] = {};
  for (const catalog::DatabasePtr& database : catalog.Databases()) {
    int64_t counts[5] = {};
    for (const catalog::TablePtr& table : catalog.Tables(database->id)) {
      if (!table->is_stored()) continue;
      ++counts[0];
      for (const catalog::PartitionDef& partition : table->partitions) {
        const auto indexes = static_cast<int64_t>(1 + table->rollups.size());
        ++counts[1];
        counts[2] += indexes;
        counts[3] += partition.buckets * indexes;
        counts[4] += partition.buckets * indexes * partition.replication_num;
      }
    }
    sql::ResultRow row = {std::to_string(database->id), database->name};
    for (int i = 0; i < 5; ++i) {
      row.push_back(std::to_string(counts[i]));
      totals[i] += counts[i];
    }
    for (int i = 0; i < 4; ++i) row.emplace_back("0");
    result.rows.push_back(std::move(row));
  }
  sql::ResultRow total = {"Total", std::to_string(result.rows.size())};
  for (const int64_t count : totals) total.push_back(std::to_string(count));
  for (int i = 0; i < 4; ++i) total.emplace_back("0");
  result.rows.push_back(std::move(total));
  return result;
}

std::string TimeText(int64_t ms) {
  return ms > 0 ? query::DateTimeText(ms / 1000 * 1'000'000) : "NULL";
}

Result<StatementResult> ProcTransactions(const Session& session, std::string_view rest) {
  const catalog::Catalog& catalog = *session.server().environment.ddl->catalog;
  if (rest.empty()) {
    StatementResult result = ShowResult({"DbId", "DbName"}, 90);
    for (const catalog::DatabasePtr& database : catalog.Databases()) {
      result.rows.push_back({std::to_string(database->id), database->name});
    }
    return result;
  }
  const size_t slash = rest.find('/');
  const std::string_view id_text = rest.substr(0, slash);
  int64_t id = 0;
  std::from_chars(id_text.data(), id_text.data() + id_text.size(), id);
  if (!catalog.FindDatabase(id))
    return sql::AnalyzeError("Database[" + std::string(id_text) + "] does not exist");
  const TransactionLedger& ledger = *session.server().environment.ledger;
  if (slash == std::string_view::npos) {
    StatementResult result = ShowResult({"State", "Number"}, 90);
    result.rows.push_back({"running", std::to_string(ledger.List(id, true).size())});
    result.rows.push_back({"finished", std::to_string(ledger.List(id, false).size())});
    return result;
  }
  StatementResult result =
      ShowResult({"TransactionId", "Label", "Coordinator", "TransactionStatus", "LoadJobSourceType",
                  "PrepareTime", "CommitTime", "PublishTime", "FinishTime", "Reason",
                  "ErrorReplicasCount", "ListenerId", "TimeoutMs", "PreparedTimeoutMs", "ErrMsg"},
                 90);
  for (const LoadTransaction& load : ledger.List(id, rest.substr(slash + 1) == "running")) {
    result.rows.push_back(
        {std::to_string(load.id), load.label, "BE: " + session.server().environment.endpoints.host,
         std::string(TransactionStateName(load.state)),
         load.source == TransactionSource::kInsertStreaming ? "INSERT_STREAMING"
                                                            : "BACKEND_STREAMING",
         TimeText(load.begin_ms), TimeText(load.commit_ms), TimeText(load.commit_ms),
         TimeText(load.finish_ms), load.reason, "0", "-1", std::to_string(load.timeout_ms),
         std::to_string(load.prepared_timeout_ms), load.reason});
  }
  return result;
}

// Paths under which a cluster without such things shows nothing.
std::optional<StatementResult> EmptyProc(std::string_view path) {
  constexpr uint32_t kLength = 90;
  if (path == "/replications") {
    return ShowResult({"JobID", "DatabaseID", "TableID", "TxnID", "CreatedTime", "FinishedTime",
                       "State", "Progress", "Error"},
                      kLength);
  }
  if (path == "/brokers") {
    return ShowResult({"Name", "IP", "Port", "Alive", "LastStartTime", "LastUpdateTime", "ErrMsg"},
                      kLength);
  }
  if (path == "/colocation_group") {
    return ShowResult({"GroupId", "GroupName", "TableIds", "BucketsNum", "ReplicationNum",
                       "DistCols", "IsStable"},
                      kLength);
  }
  if (path == "/compactions") {
    return ShowResult(
        {"Partition", "TxnID", "StartTime", "CommitTime", "FinishTime", "Error", "Profile"},
        kLength);
  }
  if (path == "/current_queries") {
    return ShowResult({"StartTime", "feIp", "QueryId", "ConnectionId", "Database", "User",
                       "ScanBytes", "ScanRows", "MemoryUsage", "DiskSpillSize", "CPUTime",
                       "ExecTime", "ExecProgress", "Warehouse", "CustomQueryId", "ResourceGroup"},
                      kLength);
  }
  if (path == "/routine_loads") {
    return ShowResult({"Name", "Id", "DbName", "Statistic", "TaskStatistic"}, kLength);
  }
  return std::nullopt;
}

Result<StatementResult> Proc(Session* session, TokenReader* reader) {
  SL_ASSIGN(std::string path, reader->Text());
  SL_TRY(reader->ExpectEnd());
  SL_TRY(session->RequireSystem("OPERATE"));
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  if (path == "/") return ProcRoot();
  if (path == "/dbs") return ProcDatabases(*session);
  if (path.starts_with("/dbs/")) {
    int64_t id = 0;
    const auto [end, failure] = std::from_chars(path.data() + 5, path.data() + path.size(), id);
    if (failure != std::errc() || end != path.data() + path.size() ||
        !session->server().environment.ddl->catalog->FindDatabase(id)) {
      return sql::AnalyzeError("Database[" + path.substr(5) + "] does not exist");
    }
    return ProcTables(*session, id);
  }
  if (path == "/backends") return Backends(*session);
  if (path == "/frontends") return Frontends(*session);
  if (path == "/compute_nodes") return ComputeNodes();
  if (path == "/statistic") return ProcStatistic(*session);
  if (path == "/transactions") return ProcTransactions(*session, "");
  if (path.starts_with("/transactions/"))
    return ProcTransactions(*session, std::string_view(path).substr(14));
  if (const auto empty = EmptyProc(path)) return *empty;
  return sql::AnalyzeError("Proc path '" + path + "' doesn't exist");
}

}  // namespace

std::optional<Result<StatementResult>> ShowCluster(Session* session, TokenReader* reader) {
  const auto nodes = [&](auto make) -> Result<StatementResult> {
    SL_TRY(reader->ExpectEnd());
    SL_TRY(RequireNodeView(*session));
    return make();
  };
  if (reader->Accept("BACKENDS")) return nodes([&] { return Backends(*session); });
  if (reader->Accept("FRONTENDS")) return nodes([&] { return Frontends(*session); });
  if (reader->Accept({"COMPUTE", "NODES"})) return nodes([&] { return ComputeNodes(); });
  if (reader->Accept("PROC")) return Proc(session, reader);
  return std::nullopt;
}

}  // namespace starlift::sandbox::frontend
