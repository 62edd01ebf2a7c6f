#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "sandbox/catalog/catalog_store.h"
#include "sandbox/catalog/table_def.h"

namespace starlift::sandbox::catalog {

// A dropped object that RECOVER can bring back. The name that it had.
struct DroppedTable {
  TablePtr table;
  std::string database_name;
  int64_t dropped_ms = 0;
};

enum class JobKind : uint8_t { kSchemaChange, kRollup, kOptimize };
enum class JobState : uint8_t { kPending, kWaitingTxn, kRunning, kFinished, kCancelled };
std::string_view JobStateName(JobState state);

// One ALTER job, running or finished; persisted, so that a restart goes on with it.
struct AlterJob {
  ObjectId id = 0;
  JobKind kind = JobKind::kSchemaChange;
  JobState state = JobState::kPending;
  ObjectId database_id = 0;
  ObjectId table_id = 0;
  std::string table_name;
  std::string index_name;  // base or rollup index
  ObjectId index_id = 0;
  ObjectId origin_index_id = 0;
  std::string schema_version;  // "1:12345"
  int64_t transaction_id = 0;  // transactions of the database before this one must be over first
  int64_t created_ms = 0;
  int64_t finished_ms = 0;  // 0: not yet
  std::string message;
  bool fast = false;  // finished at once (fast schema evolution)
  // What the table becomes; null for fast ones. Column ids say what changed physically.
  TablePtr result;
};
using JobPtr = std::shared_ptr<const AlterJob>;

// A set of changes that become visible and durable together.
struct CatalogEdit {
  std::vector<DatabasePtr> put_databases;
  std::vector<ObjectId> remove_databases;
  std::vector<TablePtr> put_tables;  // by id: new, changed or renamed
  std::vector<ObjectId> remove_tables;
  std::vector<DroppedTable> put_dropped;
  std::vector<ObjectId> remove_dropped;  // table ids
  std::vector<DatabasePtr> put_dropped_databases;
  std::vector<ObjectId> remove_dropped_databases;
  std::vector<JobPtr> put_jobs;
  std::vector<ObjectId> remove_jobs;
  std::vector<ExternalPtr> put_externals;
  std::vector<ObjectId> remove_externals;
  std::vector<StorageChange> storage;
};

// All schema objects of the sandbox. Any thread may call anything. Lookups take a shared lock for a
// moment and return immutable definitions; a definition in hand stays valid after it is replaced.
// Database and table names are case-sensitive.
class Catalog {
 public:
  explicit Catalog(CatalogStore& store);

  // Reads what the store holds; creates nothing. Once, before anything else.
  Status Load();

  DatabasePtr FindDatabase(std::string_view name) const;
  DatabasePtr FindDatabase(ObjectId id) const;
  std::vector<DatabasePtr> Databases() const;  // by name; without information_schema and its kind

  TablePtr FindTable(std::string_view database, std::string_view table) const;
  TablePtr FindTable(ObjectId id) const;
  std::vector<TablePtr> Tables(ObjectId database_id) const;  // by name

  std::vector<JobPtr> Jobs(ObjectId database_id) const;  // by id
  std::vector<JobPtr> OpenJobs() const;
  JobPtr OpenJobOf(ObjectId table_id) const;

  // The dropped objects of a name, the last dropped first.
  std::vector<DroppedTable> DroppedTables(std::string_view database, std::string_view table) const;
  std::vector<DroppedTable> DroppedTablesOf(ObjectId database_id) const;
  DatabasePtr FindDroppedDatabase(std::string_view name) const;

  // Resources and external catalogs.
  ExternalPtr FindExternal(ExternalDef::Kind kind, std::string_view name) const;
  std::vector<ExternalPtr> Externals(ExternalDef::Kind kind) const;  // by name

  // One DDL at a time: read, decide and Apply under this lock. Loads that create partitions take it
  // too. Lookups don't need it.
  [[nodiscard]] std::unique_lock<std::mutex> LockForChange() {
    return std::unique_lock(change_mutex_);
  }

  // Ids are made durable by the next Apply.
  ObjectId NextId();

  // Makes the edit durable, then visible. On an error nothing changed. The caller holds
  // LockForChange.
  Status Apply(CatalogEdit edit);

  // Increases with every Apply; for caches of what was derived from definitions.
  uint64_t generation() const;

 private:
  struct State;
  void ApplyToState(const CatalogEdit& edit);

  CatalogStore& store_;
  std::mutex change_mutex_;
  mutable std::shared_mutex state_mutex_;
  std::shared_ptr<State> state_;
};

}  // namespace starlift::sandbox::catalog
