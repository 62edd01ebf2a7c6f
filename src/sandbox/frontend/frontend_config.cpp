#include "sandbox/frontend/frontend_config.h"

#include <charconv>

#include "sandbox/sql/error.h"

namespace starlift::sandbox::frontend {
namespace {

struct Definition {
  const char* name;
  const char* value;
  const char* type;
  bool changeable = true;
};

// Items that loaders and administrators' tools look at, with the defaults of release 3.5.
constexpr Definition kDefinitions[] = {
    {"alter_table_timeout_second", "86400", "int"},
    {"catalog_trash_expire_second", "86400", "long"},
    {"cluster_name", "StarRocks Cluster", "String", false},
    {"default_replication_num", "3", "short"},
    {"dynamic_partition_check_interval_seconds", "600", "long"},
    {"dynamic_partition_enable", "true", "boolean"},
    {"enable_auto_tablet_distribution", "true", "boolean"},
    {"enable_legacy_compatibility_for_replication", "false", "boolean"},
    {"enable_starrocks_external_table_auth_check", "true", "boolean"},
    {"enable_strict_storage_medium_check", "false", "boolean"},
    {"enable_udf", "false", "boolean", false},
    {"history_job_keep_max_second", "604800", "int"},
    {"http_port", "8030", "int", false},
    {"insert_load_default_timeout_second", "3600", "int"},
    {"label_clean_interval_second", "14400", "int"},
    {"label_keep_max_num", "1000", "int"},
    {"label_keep_max_second", "259200", "int"},
    {"load_straggler_wait_second", "300", "int"},
    {"max_create_table_timeout_second", "600", "int"},
    {"max_partition_number_per_table", "100000", "long"},
    {"max_running_txn_num_per_db", "1000", "int"},
    {"max_stream_load_timeout_second", "259200", "int"},
    {"min_load_timeout_second", "1", "int"},
    {"mysql_server_version", "8.0.33", "String"},
    {"prepared_transaction_default_timeout_second", "86400", "int"},
    {"qe_max_connection", "4096", "int", false},
    {"query_port", "9030", "int", false},
    {"recover_with_empty_tablet", "false", "boolean"},
    {"replication_max_parallel_data_size_mb", "1048576", "int"},
    {"replication_max_parallel_replica_count", "10240", "int"},
    {"replication_max_parallel_table_count", "100", "int"},
    {"replication_transaction_timeout_sec", "86400", "int"},
    {"rpc_port", "9020", "int", false},
    {"run_mode", "shared_nothing", "String", false},
    {"stream_load_default_timeout_second", "600", "int"},
    {"stream_load_task_keep_max_num", "1000", "int"},
    {"stream_load_task_keep_max_second", "259200", "int"},
    {"tablet_create_timeout_second", "10", "int"},
    {"tablet_sched_max_balancing_tablets", "500", "int"},
    {"transaction_clean_interval_second", "30", "int"},
    {"max_conn_per_user", "100", "int"},
};

}  // namespace

FrontendConfig::FrontendConfig() {
  for (const Definition& definition : kDefinitions) {
    items_[definition.name] = {definition.name, definition.value, definition.type,
                               definition.changeable};
  }
}

std::vector<ConfigItem> FrontendConfig::List() const {
  std::lock_guard lock(mutex_);
  std::vector<ConfigItem> all;
  for (const auto& [name, item] : items_) all.push_back(item);
  return all;
}

std::optional<ConfigItem> FrontendConfig::Find(std::string_view name) const {
  std::lock_guard lock(mutex_);
  const auto found = items_.find(name);
  if (found == items_.end()) return std::nullopt;
  return found->second;
}

Status FrontendConfig::Set(std::string_view name, std::string_view value) {
  std::lock_guard lock(mutex_);
  const auto found = items_.find(name);
  if (found == items_.end() || !found->second.mutable_at_run_time) {
    return sql::SqlError(sql::code::kGeneric,
                         "Config '" + std::string(name) + "' does not exist or is not mutable");
  }
  ConfigItem& item = found->second;
  if (item.type == "int" || item.type == "long" || item.type == "short") {
    int64_t number = 0;
    const auto [end, failure] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (failure != std::errc() || end != value.data() + value.size()) {
      return sql::SqlError(sql::code::kGeneric, "Failed to set config '" + std::string(name) +
                                                    "'. err = For input string: \"" +
                                                    std::string(value) + "\"");
    }
  }
  if (item.type == "boolean" && value != "true" && value != "false") {
    return sql::SqlError(sql::code::kGeneric,
                         "Failed to set config '" + std::string(name) +
                             "'. err = can not parse value to boolean: " + std::string(value));
  }
  item.value = value;
  return {};
}

}  // namespace starlift::sandbox::frontend
