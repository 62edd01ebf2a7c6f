#include "sandbox/query/system_table_definitions.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <map>

#include "sandbox/query/system_tables.h"

namespace starlift::sandbox::query {
namespace {

using catalog::DataType;
using catalog::TypeKind;

// Tables of release 3.5 as "NAME type, …": v<length> VARCHAR, i INT, l BIGINT, b BOOLEAN, d DOUBLE,
// t DATETIME, j JSON.
struct Definition {
  std::string_view database;
  std::string_view table;
  std::string_view columns;
};

constexpr Definition kDefinitions[] = {
    {"information_schema", "applicable_roles",
     "USER v64,HOST v64,GRANTEE v64,GRANTEE_HOST v64,ROLE_NAME v64,ROLE_HOST v64,"
     "IS_GRANTABLE v3,IS_DEFAULT v3,IS_MANDATORY v3"},
    {"information_schema", "be_compactions",
     "BE_ID l,CANDIDATES_NUM l,BASE_COMPACTION_CONCURRENCY l,"
     "CUMULATIVE_COMPACTION_CONCURRENCY l,LATEST_COMPACTION_SCORE d,"
     "CANDIDATE_MAX_SCORE d,MANUAL_COMPACTION_CONCURRENCY l,"
     "MANUAL_COMPACTION_CANDIDATES_NUM l"},
    {"information_schema", "be_configs",
     "BE_ID l,NAME v64,VALUE v64,TYPE v64,DEFAULT v64,MUTABLE b"},
    {"information_schema", "be_logs", "BE_ID l,LEVEL v64,TIMESTAMP l,TID l,LOG v65533"},
    {"information_schema", "be_metrics", "BE_ID l,NAME v64,LABELS v64,VALUE l"},
    {"information_schema", "be_tablets",
     "BE_ID l,TABLE_ID l,PARTITION_ID l,TABLET_ID l,NUM_VERSION l,MAX_VERSION l,"
     "MIN_VERSION l,NUM_ROWSET l,NUM_ROW l,DATA_SIZE l,INDEX_MEM l,CREATE_TIME l,"
     "STATE v64,TYPE v64,DATA_DIR v64,SHARD_ID l,SCHEMA_HASH l,INDEX_DISK l,"
     "MEDIUM_TYPE v64,NUM_SEGMENT l"},
    {"information_schema", "be_threads",
     "BE_ID l,GROUP v64,NAME v64,PTHREAD_ID l,TID l,IDLE b,FINISHED_TASKS l,"
     "BOUND_CPUS v64"},
    {"information_schema", "be_txns",
     "BE_ID l,LOAD_ID v64,TXN_ID l,PARTITION_ID l,TABLET_ID l,CREATE_TIME l,"
     "COMMIT_TIME l,PUBLISH_TIME l,ROWSET_ID v64,NUM_SEGMENT l,NUM_DELFILE l,"
     "NUM_ROW l,DATA_SIZE l,VERSION l"},
    {"information_schema", "character_sets",
     "CHARACTER_SET_NAME v512,DEFAULT_COLLATE_NAME v64,DESCRIPTION v64,MAXLEN l"},
    {"information_schema", "collations",
     "COLLATION_NAME v512,CHARACTER_SET_NAME v64,ID l,IS_DEFAULT v64,IS_COMPILED v64,"
     "SORTLEN l"},
    {"information_schema", "column_privileges",
     "GRANTEE v64,TABLE_CATALOG v512,TABLE_SCHEMA v64,TABLE_NAME v64,COLUMN_NAME v64,"
     "PRIVILEGE_TYPE v64,IS_GRANTABLE v3"},
    {"information_schema", "columns",
     "TABLE_CATALOG v512,TABLE_SCHEMA v64,TABLE_NAME v64,COLUMN_NAME v64,"
     "ORDINAL_POSITION l,COLUMN_DEFAULT v1024,IS_NULLABLE v3,DATA_TYPE v64,"
     "CHARACTER_MAXIMUM_LENGTH l,CHARACTER_OCTET_LENGTH l,NUMERIC_PRECISION l,"
     "NUMERIC_SCALE l,DATETIME_PRECISION l,CHARACTER_SET_NAME v32,COLLATION_NAME v32,"
     "COLUMN_TYPE v32,COLUMN_KEY v3,EXTRA v27,PRIVILEGES v80,COLUMN_COMMENT v255,"
     "COLUMN_SIZE l,DECIMAL_DIGITS l,GENERATION_EXPRESSION v64,SRS_ID l"},
    {"information_schema", "engines",
     "ENGINE v64,SUPPORT v8,COMMENT v80,TRANSACTIONS v3,XA v3,SAVEPOINTS v3"},
    {"information_schema", "events",
     "EVENT_CATALOG v64,EVENT_SCHEMA v64,EVENT_NAME v64,DEFINER v77,TIME_ZONE v64,"
     "EVENT_BODY v8,EVENT_DEFINITION v65535,EVENT_TYPE v9,EXECUTE_AT t,"
     "INTERVAL_VALUE v256,INTERVAL_FIELD v18,SQL_MODE v8192,STARTS t,ENDS t,"
     "STATUS v18,ON_COMPLETION v12,CREATED t,LAST_ALTERED t,LAST_EXECUTED t,"
     "EVENT_COMMENT v64,ORIGINATOR l,CHARACTER_SET_CLIENT v32,"
     "COLLATION_CONNECTION v32,DATABASE_COLLATION v32"},
    {"information_schema", "fe_metrics", "FE_ID v64,NAME v64,LABELS v64,VALUE l"},
    {"information_schema", "global_variables", "VARIABLE_NAME v64,VARIABLE_VALUE v1024"},
    {"information_schema", "key_column_usage",
     "CONSTRAINT_CATALOG v512,CONSTRAINT_SCHEMA v64,CONSTRAINT_NAME v64,"
     "TABLE_CATALOG v512,TABLE_SCHEMA v64,TABLE_NAME v64,COLUMN_NAME v64,"
     "ORDINAL_POSITION l,POSITION_IN_UNIQUE_CONSTRAINT l,REFERENCED_TABLE_SCHEMA v64,"
     "REFERENCED_TABLE_NAME v64,REFERENCED_COLUMN_NAME v64"},
    {"information_schema", "load_tracking_logs",
     "ID l,JOB_ID l,LABEL v64,DATABASE_NAME v64,TRACKING_LOG v65533,TYPE v64"},
    {"information_schema", "loads",
     "ID l,LABEL v64,PROFILE_ID v64,DB_NAME v64,TABLE_NAME v64,USER v64,WAREHOUSE v64,"
     "STATE v64,PROGRESS v64,TYPE v64,PRIORITY v64,SCAN_ROWS l,SCAN_BYTES l,"
     "FILTERED_ROWS l,UNSELECTED_ROWS l,SINK_ROWS l,RUNTIME_DETAILS j,CREATE_TIME t,"
     "LOAD_START_TIME t,LOAD_COMMIT_TIME t,LOAD_FINISH_TIME t,PROPERTIES j,"
     "ERROR_MSG v64,TRACKING_SQL v64,REJECTED_RECORD_PATH v64,JOB_ID l"},
    {"information_schema", "materialized_views",
     "MATERIALIZED_VIEW_ID l,TABLE_SCHEMA v20,TABLE_NAME v50,REFRESH_TYPE v20,"
     "IS_ACTIVE v10,INACTIVE_REASON v1024,PARTITION_TYPE v16,TASK_ID l,TASK_NAME v50,"
     "LAST_REFRESH_START_TIME t,LAST_REFRESH_FINISHED_TIME t,LAST_REFRESH_DURATION d,"
     "LAST_REFRESH_STATE v20,LAST_REFRESH_FORCE_REFRESH v8,"
     "LAST_REFRESH_START_PARTITION v1024,LAST_REFRESH_END_PARTITION v1024,"
     "LAST_REFRESH_BASE_REFRESH_PARTITIONS v1024,"
     "LAST_REFRESH_MV_REFRESH_PARTITIONS v1024,LAST_REFRESH_ERROR_CODE v20,"
     "LAST_REFRESH_ERROR_MESSAGE v1024,TABLE_ROWS l,"
     "MATERIALIZED_VIEW_DEFINITION v65533,EXTRA_MESSAGE v1024,"
     "QUERY_REWRITE_STATUS v64,CREATOR v64,LAST_REFRESH_PROCESS_TIME t,"
     "LAST_REFRESH_JOB_ID v64"},
    {"information_schema", "partitions",
     "TABLE_CATALOG v512,TABLE_SCHEMA v64,TABLE_NAME v64,PARTITION_NAME v64,"
     "SUBPARTITION_NAME v64,PARTITION_ORDINAL_POSITION l,PARTITION_METHOD v18,"
     "SUBPARTITION_METHOD v12,PARTITION_EXPRESSION v1024,"
     "SUBPARTITION_EXPRESSION v1024,PARTITION_DESCRIPTION v1024,TABLE_ROWS l,"
     "AVG_ROW_LENGTH l,DATA_LENGTH l,MAX_DATA_LENGTH l,INDEX_LENGTH l,DATA_FREE l,"
     "CREATE_TIME t,UPDATE_TIME t,CHECK_TIME t,CHECKSUM l,PARTITION_COMMENT v1024,"
     "NODEGROUP v12,TABLESPACE_NAME v64"},
    {"information_schema", "partitions_meta",
     "DB_NAME v64,TABLE_NAME v64,PARTITION_NAME v64,PARTITION_ID l,COMPACT_VERSION l,"
     "VISIBLE_VERSION l,VISIBLE_VERSION_TIME t,NEXT_VERSION l,DATA_VERSION l,"
     "VERSION_EPOCH l,VERSION_TXN_TYPE v64,PARTITION_KEY v64,PARTITION_VALUE v64,"
     "DISTRIBUTION_KEY v64,BUCKETS i,REPLICATION_NUM i,STORAGE_MEDIUM v64,"
     "COOLDOWN_TIME t,LAST_CONSISTENCY_CHECK_TIME t,IS_IN_MEMORY b,IS_TEMP b,"
     "DATA_SIZE l,ROW_COUNT l,ENABLE_DATACACHE b,AVG_CS d,P50_CS d,MAX_CS d,"
     "STORAGE_PATH v64,STORAGE_SIZE l,METADATA_SWITCH_VERSION l"},
    {"information_schema", "pipes",
     "DATABASE_NAME v64,PIPE_ID l,PIPE_NAME v64,PROPERTIES v65533,STATE v8,"
     "TABLE_NAME v64,LOAD_STATUS v512,LAST_ERROR v1024,CREATED_TIME t"},
    {"information_schema", "referential_constraints",
     "CONSTRAINT_CATALOG v512,CONSTRAINT_SCHEMA v64,CONSTRAINT_NAME v64,"
     "UNIQUE_CONSTRAINT_CATALOG v512,UNIQUE_CONSTRAINT_SCHEMA v64,"
     "UNIQUE_CONSTRAINT_NAME v64,MATCH_OPTION v64,UPDATE_RULE v64,DELETE_RULE v64,"
     "TABLE_NAME v64,REFERENCED_TABLE_NAME v64"},
    {"information_schema", "routine_load_jobs",
     "ID l,NAME v64,CREATE_TIME t,PAUSE_TIME t,END_TIME t,DB_NAME v64,TABLE_NAME v64,"
     "STATE v64,DATA_SOURCE_TYPE v64,CURRENT_TASK_NUM l,JOB_PROPERTIES v64,"
     "DATA_SOURCE_PROPERTIES v64,CUSTOM_PROPERTIES v64,STATISTICS v64,PROGRESS v64,"
     "REASONS_OF_STATE_CHANGED v64,ERROR_LOG_URLS v64,TRACKING_SQL v64,OTHER_MSG v64,"
     "LATEST_SOURCE_POSITION v64,OFFSET_LAG v64,TIMESTAMP_PROGRESS v64"},
    {"information_schema", "routines",
     "SPECIFIC_NAME v64,ROUTINE_CATALOG v64,ROUTINE_SCHEMA v64,ROUTINE_NAME v64,"
     "ROUTINE_TYPE v64,DTD_IDENTIFIER v64,ROUTINE_BODY v64,ROUTINE_DEFINITION v64,"
     "EXTERNAL_NAME v64,EXTERNAL_LANGUAGE v64,PARAMETER_STYLE v64,"
     "IS_DETERMINISTIC v64,SQL_DATA_ACCESS v64,SQL_PATH v64,SECURITY_TYPE v64,"
     "CREATED t,LAST_ALTERED t,SQL_MODE v64,ROUTINE_COMMENT v64,DEFINER v64,"
     "CHARACTER_SET_CLIENT v64,COLLATION_CONNECTION v64,DATABASE_COLLATION v64"},
    {"information_schema", "schema_privileges",
     "GRANTEE v81,TABLE_CATALOG v512,TABLE_SCHEMA v64,PRIVILEGE_TYPE v64,"
     "IS_GRANTABLE v3"},
    {"information_schema", "schemata",
     "CATALOG_NAME v512,SCHEMA_NAME v32,DEFAULT_CHARACTER_SET_NAME v32,"
     "DEFAULT_COLLATION_NAME v32,SQL_PATH v512"},
    {"information_schema", "session_variables", "VARIABLE_NAME v64,VARIABLE_VALUE v1024"},
    {"information_schema", "statistics",
     "TABLE_CATALOG v512,TABLE_SCHEMA v64,TABLE_NAME v64,NON_UNIQUE l,"
     "INDEX_SCHEMA v64,INDEX_NAME v64,SEQ_IN_INDEX l,COLUMN_NAME v64,COLLATION v1,"
     "CARDINALITY l,SUB_PART l,PACKED v10,NULLABLE v3,INDEX_TYPE v16,COMMENT v16,"
     "INDEX_COMMENT v1024"},
    {"information_schema", "stream_loads",
     "LABEL v64,ID l,LOAD_ID v64,TXN_ID l,DB_NAME v64,TABLE_NAME v64,STATE v64,"
     "ERROR_MSG v64,TRACKING_URL v64,CHANNEL_NUM l,PREPARED_CHANNEL_NUM l,"
     "NUM_ROWS_NORMAL l,NUM_ROWS_AB_NORMAL l,NUM_ROWS_UNSELECTED l,NUM_LOAD_BYTES l,"
     "TIMEOUT_SECOND l,CREATE_TIME_MS t,BEFORE_LOAD_TIME_MS t,START_LOADING_TIME_MS t,"
     "START_PREPARING_TIME_MS t,FINISH_PREPARING_TIME_MS t,END_TIME_MS t,"
     "CHANNEL_STATE v64,TYPE v64,TRACKING_SQL v64"},
    {"information_schema", "table_constraints",
     "CONSTRAINT_CATALOG v512,CONSTRAINT_SCHEMA v64,CONSTRAINT_NAME v64,"
     "TABLE_SCHEMA v64,TABLE_NAME v64,CONSTRAINT_TYPE v64"},
    {"information_schema", "table_privileges",
     "GRANTEE v81,TABLE_CATALOG v512,TABLE_SCHEMA v64,TABLE_NAME v64,"
     "PRIVILEGE_TYPE v64,IS_GRANTABLE v3"},
    {"information_schema", "tables",
     "TABLE_CATALOG v512,TABLE_SCHEMA v64,TABLE_NAME v64,TABLE_TYPE v64,ENGINE v64,"
     "VERSION l,ROW_FORMAT v10,TABLE_ROWS l,AVG_ROW_LENGTH l,DATA_LENGTH l,"
     "MAX_DATA_LENGTH l,INDEX_LENGTH l,DATA_FREE l,AUTO_INCREMENT l,CREATE_TIME t,"
     "UPDATE_TIME t,CHECK_TIME t,TABLE_COLLATION v32,CHECKSUM l,CREATE_OPTIONS v255,"
     "TABLE_COMMENT v2048"},
    {"information_schema", "tables_config",
     "TABLE_SCHEMA v64,TABLE_NAME v64,TABLE_ENGINE v64,TABLE_MODEL v64,"
     "PRIMARY_KEY v64,PARTITION_KEY v64,DISTRIBUTE_KEY v64,DISTRIBUTE_TYPE v64,"
     "DISTRIBUTE_BUCKET i,SORT_KEY v64,PROPERTIES v1048576,TABLE_ID l"},
    {"information_schema", "task_runs",
     "QUERY_ID v64,TASK_NAME v64,CREATE_TIME t,FINISH_TIME t,STATE v16,CATALOG v64,"
     "DATABASE v64,DEFINITION v65533,EXPIRE_TIME t,ERROR_CODE l,ERROR_MESSAGE v65533,"
     "PROGRESS v64,EXTRA_MESSAGE v65533,PROPERTIES v65533,JOB_ID v64,PROCESS_TIME t"},
    {"information_schema", "tasks",
     "TASK_NAME v64,CREATE_TIME t,SCHEDULE v64,CATALOG v64,DATABASE v64,"
     "DEFINITION v65533,EXPIRE_TIME t,PROPERTIES v65533,CREATOR v64"},
    {"information_schema", "temp_tables",
     "TABLE_CATALOG v512,TABLE_SCHEMA v64,TABLE_NAME v64,SESSION v64,TABLE_TYPE v64,"
     "ENGINE v64,CREATE_TIME t,UPDATE_TIME t"},
    {"information_schema", "triggers",
     "TRIGGER_CATALOG v512,TRIGGER_SCHEMA v64,TRIGGER_NAME v64,EVENT_MANIPULATION v6,"
     "EVENT_OBJECT_CATALOG v512,EVENT_OBJECT_SCHEMA v64,EVENT_OBJECT_TABLE v64,"
     "ACTION_ORDER l,ACTION_CONDITION v1024,ACTION_STATEMENT v1024,"
     "ACTION_ORIENTATION v9,ACTION_TIMING v6,ACTION_REFERENCE_OLD_TABLE v64,"
     "ACTION_REFERENCE_NEW_TABLE v64,ACTION_REFERENCE_OLD_ROW v3,"
     "ACTION_REFERENCE_NEW_ROW v3,CREATED t,SQL_MODE v8192,DEFINER v77,"
     "CHARACTER_SET_CLIENT v32,COLLATION_CONNECTION v32,DATABASE_COLLATION v32"},
    {"information_schema", "user_privileges",
     "GRANTEE v81,TABLE_CATALOG v512,PRIVILEGE_TYPE v64,IS_GRANTABLE v3"},
    {"information_schema", "verbose_session_variables",
     "VARIABLE_NAME v64,VARIABLE_VALUE v1024,DEFAULT_VALUE v1024,IS_CHANGED b"},
    {"information_schema", "views",
     "TABLE_CATALOG v512,TABLE_SCHEMA v64,TABLE_NAME v64,VIEW_DEFINITION v65533,"
     "CHECK_OPTION v8,IS_UPDATABLE v3,DEFINER v77,SECURITY_TYPE v7,"
     "CHARACTER_SET_CLIENT v32,COLLATION_CONNECTION v32"},
    {"sys", "fe_locks",
     "lock_type v64,lock_object v64,lock_mode v64,start_time t,hold_time_ms l,"
     "thread_info v64,granted b,waiter_list v65533"},
    {"sys", "fe_memory_usage",
     "module_name v256,class_name v256,current_consumption l,peak_consumption l,"
     "counter_info v65532"},
    {"sys", "grants_to_roles",
     "GRANTEE v64,OBJECT_CATALOG v64,OBJECT_DATABASE v64,OBJECT_NAME v64,"
     "OBJECT_TYPE v64,PRIVILEGE_TYPE v64,IS_GRANTABLE b"},
    {"sys", "grants_to_users",
     "GRANTEE v64,OBJECT_CATALOG v64,OBJECT_DATABASE v64,OBJECT_NAME v64,"
     "OBJECT_TYPE v64,PRIVILEGE_TYPE v64,IS_GRANTABLE b"},
    {"sys", "object_dependencies",
     "OBJECT_ID l,OBJECT_NAME v64,OBJECT_DATABASE v64,OBJECT_CATALOG v64,"
     "OBJECT_TYPE v64,REF_OBJECT_ID l,REF_OBJECT_NAME v64,REF_OBJECT_DATABASE v64,"
     "REF_OBJECT_CATALOG v64,REF_OBJECT_TYPE v64"},
    {"sys", "role_edges", "FROM_ROLE v64,TO_ROLE v64,TO_USER v64"},
};

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return lower;
}

DataType TypeOf(std::string_view code) {
  switch (code[0]) {
    case 'i':
      return DataType::Of(TypeKind::kInt);
    case 'l':
      return DataType::Of(TypeKind::kBigInt);
    case 'b':
      return DataType::Of(TypeKind::kBoolean);
    case 'd':
      return DataType::Of(TypeKind::kDouble);
    case 't':
      return DataType::Of(TypeKind::kDateTime);
    case 'j':
      return DataType::Of(TypeKind::kJson);
    default:
      break;
  }
  int length = 0;
  std::from_chars(code.data() + 1, code.data() + code.size(), length);
  return DataType::Varchar(length);
}

catalog::TablePtr Build(const Definition& definition) {
  auto table = std::make_shared<catalog::TableDef>();
  table->name = definition.table;
  std::string_view rest = definition.columns;
  while (!rest.empty()) {
    const size_t comma = rest.find(',');
    const std::string_view item = rest.substr(0, comma);
    const size_t blank = item.find(' ');
    catalog::ColumnDef column;
    column.id = table->next_column_id++;
    column.name = item.substr(0, blank);
    column.type = TypeOf(item.substr(blank + 1));
    table->columns.push_back(std::move(column));
    rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
  }
  return table;
}

using Key = std::pair<std::string, std::string>;

const std::map<Key, catalog::TablePtr>& AllTables() {
  static const std::map<Key, catalog::TablePtr> kAll = [] {
    std::map<Key, catalog::TablePtr> all;
    for (const Definition& definition : kDefinitions) {
      all[{std::string(definition.database), std::string(definition.table)}] = Build(definition);
    }
    return all;
  }();
  return kAll;
}

}  // namespace

std::string_view SystemDatabase(std::string_view name) {
  const std::string lower = Lower(name);
  if (lower == "information_schema") return "information_schema";
  return lower == "sys" ? "sys" : "";
}

catalog::TablePtr FindSystemTable(std::string_view database, std::string_view table) {
  const std::string_view system = SystemDatabase(database);
  if (system.empty()) return nullptr;
  const auto found = AllTables().find({std::string(system), Lower(table)});
  return found == AllTables().end() ? nullptr : found->second;
}

std::vector<std::string> SystemCatalog::TableNames(std::string_view database) {
  std::vector<std::string> names;
  for (const auto& [key, table] : AllTables()) {
    if (key.first == SystemDatabase(database)) names.push_back(key.second);
  }
  return names;
}

}  // namespace starlift::sandbox::query
