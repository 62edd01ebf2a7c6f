// SHOW of things that this endpoint never has: the columns are right, there are no rows.
#include <array>

#include "sandbox/frontend/statements.h"

namespace starlift::sandbox::frontend {
namespace {

// Words behind SHOW and "column:length,…".
struct EmptyShow {
  std::string_view words;
  std::string_view columns;
};

constexpr EmptyShow kShows[] = {
    {"OPEN TABLES", "Database:192,Table:30,In_use:240,Name_locked:192"},
    {"TRIGGERS",
     "Trigger:192,Event:30,Table:240,Statement:192,Timing:240,Created:240,sql_mode:240,"
     "Definer:240,character_set_client:240,collation_connection:240,Database Collation:240"},
    {"EVENTS",
     "Db:60,Name:90,Definer:60,Time:60,Type:60,Execute at:60,Interval value:90,"
     "Interval field:90,Status:90,Ends:90,Status:90,Originator:90,character_set_client:90,"
     "collation_connection:90,Database Collation:90"},
    {"PROCEDURE STATUS",
     "Db:192,Name:30,Type:240,Definer:192,Modified:240,Created:240,Security_type:240,"
     "Comment:240,character_set_client:240,collation_connection:240,Database Collation:240"},
    {"FUNCTION STATUS",
     "Db:192,Name:30,Type:240,Definer:192,Modified:240,Created:240,Security_type:240,"
     "Comment:240,character_set_client:240,collation_connection:240,Database Collation:240"},
    {"FULL FUNCTIONS",
     "Signature:768,Return Type:96,Function Type:48,Intermediate Type:48,Properties:48"},
    {"FULL BUILTIN FUNCTIONS",
     "Signature:768,Return Type:96,Function Type:48,Intermediate Type:48,Properties:48"},
    {"FULL GLOBAL FUNCTIONS",
     "Signature:768,Return Type:96,Function Type:48,Intermediate Type:48,Properties:48"},
    {"GLOBAL FUNCTIONS", "Function Name:768"},
    {"BUILTIN FUNCTIONS", "Function Name:768"},
    {"FUNCTIONS", "Function Name:768"},
    {"BROKER", "Name:90,IP:90,Port:90,Alive:90,LastStartTime:90,LastUpdateTime:90,ErrMsg:90"},
    {"REPOSITORIES",
     "RepoId:90,RepoName:90,CreateTime:90,IsReadOnly:90,Location:90,Broker:90,ErrMsg:90"},
    {"EXPORT",
     "JobId:90,QueryId:90,State:90,Progress:90,TaskInfo:90,Path:90,CreateTime:90,"
     "StartTime:90,FinishTime:90,Timeout:90,ErrorMsg:90"},
    {"ROUTINE LOAD TASK",
     "TaskId:90,TxnId:90,TxnStatus:90,JobId:90,CreateTime:90,LastScheduledTime:90,"
     "ExecuteStartTime:90,Timeout:90,BeId:90,DataSourceProperties:90,Message:90"},
    {"ROUTINE LOAD",
     "Id:90,Name:90,CreateTime:90,PauseTime:90,EndTime:90,DbName:90,TableName:90,State:90,"
     "DataSourceType:90,CurrentTaskNum:90,JobProperties:90,DataSourceProperties:90,"
     "CustomProperties:90,Statistic:90,Progress:90,TimestampProgress:90,"
     "ReasonOfStateChanged:90,ErrorLogUrls:90,TrackingSQL:90,OtherMsg:90,"
     "LatestSourcePosition:90"},
    {"ALL ROUTINE LOAD",
     "Id:90,Name:90,CreateTime:90,PauseTime:90,EndTime:90,DbName:90,TableName:90,State:90,"
     "DataSourceType:90,CurrentTaskNum:90,JobProperties:90,DataSourceProperties:90,"
     "CustomProperties:90,Statistic:90,Progress:90,TimestampProgress:90,"
     "ReasonOfStateChanged:90,ErrorLogUrls:90,TrackingSQL:90,OtherMsg:90,"
     "LatestSourcePosition:90"},
    {"LOAD WARNINGS", "JobId:45,Label:45,ErrorMsgDetail:300"},
    {"BACKUP",
     "JobId:90,SnapshotName:90,DbName:90,State:90,BackupObjs:90,CreateTime:90,"
     "SnapshotFinishedTime:90,UploadFinishedTime:90,FinishedTime:90,UnfinishedTasks:90,"
     "Progress:90,TaskErrMsg:90,Status:90,Timeout:90"},
    {"RESTORE",
     "JobId:90,Label:90,Timestamp:90,DbName:90,State:90,AllowLoad:90,ReplicationNum:90,"
     "RestoreObjs:90,CreateTime:90,MetaPreparedTime:90,SnapshotFinishedTime:90,"
     "DownloadFinishedTime:90,FinishedTime:90,UnfinishedTasks:90,Progress:90,"
     "TaskErrMsg:90,Status:90,Timeout:90"},
    {"DELETE", "TableName:90,PartitionName:90,CreateTime:90,DeleteCondition:90,State:90"},
    {"SNAPSHOT", "Snapshot:90,Timestamp:90,Status:90"},
    {"FILE", "Id:96,DbName:768,GlobalStateMgr:96,FileName:48,FileSize:48,IsContent:48,MD5:48"},
    {"PLUGINS",
     "Name:192,Type:30,Description:600,Version:60,JavaVersion:60,ClassName:192,SoName:192,"
     "Sources:600,Status:60,Properties:750"},
    {"SQLBLACKLIST", "Id:60,Forbidden SQL:300"},
    {"WHITELIST", "user_name:60,white_list:3000"},
    {"ANALYZE STATUS",
     "Id:180,Database:180,Table:180,Columns:600,Type:60,Schedule:60,Status:60,"
     "StartTime:180,EndTime:180,Properties:600,Reason:300"},
    {"ANALYZE JOB",
     "Id:180,Catalog:180,Database:180,Table:180,Columns:600,Type:60,Schedule:60,"
     "Properties:600,Status:60,LastWorkTime:180,Reason:300"},
    {"STATS META",
     "Database:180,Table:180,Columns:600,Type:60,UpdateTime:180,Properties:600,Healthy:15,"
     "ColumnStats:384,TabletStatsReportTime:180,TableHealthyMetrics:384,"
     "TableUpdateTime:180"},
    {"HISTOGRAM META", "Database:180,Table:180,Column:180,Type:60,UpdateTime:180,Properties:600"},
    {"PROFILELIST", "QueryId:144,StartTime:48,Time:48,State:48,Statement:384"},
    {"RUNNING QUERIES",
     "QueryId:192,WarehouseId:192,ResourceGroupId:192,StartTime:192,PendingTimeout:192,"
     "QueryTimeout:192,State:192,Slots:192,Fragments:192,DOP:192,Frontend:192,"
     "FeStartTime:192"},
    {"RESOURCE GROUPS",
     "name:300,id:300,cpu_weight:300,exclusive_cpu_cores:300,mem_limit:300,"
     "big_query_cpu_second_limit:300,big_query_scan_rows_limit:300,"
     "big_query_mem_limit:300,concurrency_limit:300,spill_mem_limit_threshold:300,"
     "type:300,classifiers:3072"},
    {"STORAGE VOLUMES", "Storage Volume:768"},
    {"SECURITY INTEGRATIONS", "Name:60"},
    {"USAGE RESOURCE GROUPS",
     "Name:192,Id:192,Backend:192,BEInUseCpuCores:192,BEInUseMemBytes:192,BERunningQueries:192"},
    {"BACKEND BLACKLIST",
     "BackendId:60,AddBlackListType:60,LostConnectionTime:60,LostConnectionNumberInPeriod:60,"
     "CheckTimePeriod(s):60"},
    {"COMPUTE NODE BLACKLIST",
     "ComputeNodeId:60,AddBlackListType:60,LostConnectionTime:60,"
     "LostConnectionNumberInPeriod:60,CheckTimePeriod(s):60"},
    {"TEMPORARY TABLES", "Tables:60"},
    {"WAREHOUSES",
     "Id:60,Name:256,State:20,NodeCount:20,CurrentClusterCount:20,MaxClusterCount:20,"
     "StartedClusters:20,RunningSql:20,QueuedSql:20,CreatedOn:60,ResumedOn:60,UpdatedOn:60,"
     "Property:256,Comment:256"},
    {"PIPES",
     "DATABASE_NAME:192,PIPE_ID:60,PIPE_NAME:192,STATE:24,TABLE_NAME:192,LOAD_STATUS:1536,"
     "LAST_ERROR:3072,CREATED_TIME:60"},
    {"DICTIONARY",
     "DictionaryId:90,DictionaryName:90,CatalogName:90,DbName:90,dictionaryObject:90,"
     "dictionaryKeys:90,dictionaryValues:90,state:90,lastSuccessRefreshTime:90,"
     "lastSuccessFinishedTime:90,nextSchedulableTime:90,ErrorMessage:90,"
     "approximated dictionaryMemoryUsage (Bytes):90"},
};

bool AcceptWords(sql::TokenReader* reader, std::string_view words) {
  const size_t start = reader->position();
  while (!words.empty()) {
    const size_t blank = words.find(' ');
    if (!reader->Accept(words.substr(0, blank))) {
      reader->Rewind(start);
      return false;
    }
    words = blank == std::string_view::npos ? std::string_view() : words.substr(blank + 1);
  }
  return true;
}

sql::StatementResult Columns(std::string_view list) {
  std::vector<sql::ResultColumn> columns;
  while (!list.empty()) {
    const size_t comma = list.find(',');
    const std::string_view item = list.substr(0, comma);
    const size_t colon = item.find(':');
    sql::ResultColumn column;
    column.name = item.substr(0, colon);
    column.length = static_cast<uint32_t>(std::stoul(std::string(item.substr(colon + 1))));
    columns.push_back(std::move(column));
    list = comma == std::string_view::npos ? std::string_view() : list.substr(comma + 1);
  }
  return sql::StatementResult::Rows(std::move(columns));
}

}  // namespace

std::optional<Result<sql::StatementResult>> ShowEmpty(Session* session, sql::TokenReader* reader) {
  for (const EmptyShow& show : kShows) {
    if (!AcceptWords(reader, show.words)) continue;
    if (reader->Accept("FROM") || reader->Accept("IN")) {
      auto name = reader->ObjectName();
      if (!name.ok()) return std::move(name).error();
      const bool known =
          session->server().environment.ddl->catalog->FindDatabase(name->last()) != nullptr;
      if (!known && show.words.ends_with("FUNCTIONS")) {
        return sql::AnalyzeError(sql::code::kUnknownDatabase,
                                 "Unknown database '" + name->last() + "'");
      }
    }
    while (!reader->AtEnd()) reader->Take();  // filters: there is nothing to filter
    return Columns(show.columns);
  }
  return std::nullopt;
}

}  // namespace starlift::sandbox::frontend
