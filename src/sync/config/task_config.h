#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "load/changes/applier_options.h"
#include "mapping/mapping_options.h"
#include "mapping/table_rules.h"
#include "sources/source.h"
#include "starrocks/load_target.h"
#include "starrocks/target_config.h"
#include "sync/evolve/evolution_options.h"

namespace starlift::sync {

enum class Phase { kStructure, kFull, kIncremental, kVerification };
std::string_view PhaseName(Phase phase);

// What happens with a table that is at the target already, wasn't made by this task, and holds
// rows.
enum class ExistingTables { kRefuse, kAppend, kTruncate };

enum class ProgressStyle {
  kAuto,  // live on a terminal, JSON lines otherwise
  kLive,
  kJson,
  kNone,
};

struct TaskLimits {
  // Connections that read rows at the source, and loads in flight at the target. 0, which no user
  // can give: no threads, the calling one does everything in turn (simulation).
  uint32_t readers = 0;
  uint32_t loads = 0;
  uint64_t memory_bytes = 0;  // rows between source and target, all buffers together
  uint64_t load_bytes = 0;    // a load is closed at this size
  uint64_t chunk_rows = 0;    // aim of the chunk planner
  uint64_t max_errors = 0;    // rows that may go to dead letters before the task stops
  std::chrono::milliseconds retry_for{0};
  std::chrono::milliseconds flush_interval{0};  // between two loads of one table's changes
  uint64_t flush_rows = 0;                      // a table's changes are sent at so many rows
  uint64_t changes_memory_bytes = 0;            // changes between source and target
};

// Everything a run was told, checked and with secrets resolved. Plain data. Defaults are those of
// the option declarations (task_options.h): make it with DefaultTaskConfig().
struct TaskConfig {
  std::string name;  // as given; TaskIdentity() makes one where it is empty
  SourceConfig source;
  starrocks::TargetConfig target;
  std::vector<std::string> tables;          // patterns; none: every table
  std::vector<std::string> exclude_tables;  // patterns
  std::vector<mapping::TableRule> rules;
  mapping::MappingOptions mapping;
  std::vector<Phase> phases;
  // Nobody chose the phases: incremental is left out where the source has no log.
  bool default_phases = false;
  ExistingTables existing = ExistingTables::kRefuse;
  TaskLimits limits;
  SchemaChangeOptions schema_changes;
  load::KeylessChanges keyless_changes = load::KeylessChanges::kApply;
  starrocks::Compression compression = starrocks::Compression::kNone;

  // Holds the password of each end that has no other.
  std::string password_file;

  // Of this run, not of the task.
  std::string home;
  bool fresh = false;            // forget what earlier runs of the task did
  bool until_caught_up = false;  // end at what was the log's head when the run began
  bool dry_run = false;
  bool ddl_only = false;
  ProgressStyle progress = ProgressStyle::kAuto;
  std::string summary_json;  // file; empty: none
};

// The task's identity: its name, else 16 hex digits of a hash over both ends without secrets. Two
// runs with the same identity are the same task: one state, one lock.
std::string TaskIdentity(const TaskConfig& config);

// "mysql://root@db:3306/shop": never the password.
std::string DescribeSource(const SourceConfig& source);
std::string DescribeTarget(const starrocks::TargetConfig& target);

}  // namespace starlift::sync
