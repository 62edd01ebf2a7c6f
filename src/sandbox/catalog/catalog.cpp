#include "sandbox/catalog/catalog.h"

#include <algorithm>
#include <charconv>

#include "sandbox/catalog/catalog_json.h"

namespace starlift::sandbox::catalog {
namespace {

// Keys of the metadata table: "<kind>/<id>".
constexpr std::string_view kDatabases = "database/";
constexpr std::string_view kTables = "table/";
constexpr std::string_view kDroppedTables = "dropped_table/";
constexpr std::string_view kDroppedDatabases = "dropped_database/";
constexpr std::string_view kJobs = "job/";
constexpr std::string_view kExternals = "external/";
constexpr std::string_view kNextId = "next_id";
constexpr ObjectId kFirstId = 10001;

std::string Key(std::string_view kind, ObjectId id) {
  return std::string(kind) + std::to_string(id);
}

template <typename Map>
auto Values(const Map& map) {
  std::vector<typename Map::mapped_type> values;
  values.reserve(map.size());
  for (const auto& [key, value] : map) values.push_back(value);
  return values;
}

bool IsOpen(const AlterJob& job) {
  return job.state != JobState::kFinished && job.state != JobState::kCancelled;
}

}  // namespace

struct Catalog::State {
  std::map<std::string, DatabasePtr, std::less<>> databases;
  std::unordered_map<ObjectId, DatabasePtr> databases_by_id;
  // By database, then name.
  std::unordered_map<ObjectId, std::map<std::string, TablePtr, std::less<>>> tables;
  std::unordered_map<ObjectId, TablePtr> tables_by_id;
  std::map<ObjectId, DroppedTable> dropped_tables;
  std::map<ObjectId, DatabasePtr> dropped_databases;
  std::map<ObjectId, JobPtr> jobs;
  std::map<ObjectId, ExternalPtr> externals;
  ObjectId next_id = kFirstId;
  uint64_t generation = 0;
};

std::string_view JobStateName(JobState state) {
  switch (state) {
    case JobState::kPending:
      return "PENDING";
    case JobState::kWaitingTxn:
      return "WAITING_TXN";
    case JobState::kRunning:
      return "RUNNING";
    case JobState::kFinished:
      return "FINISHED";
    case JobState::kCancelled:
      return "CANCELLED";
  }
  return "";
}

Catalog::Catalog(CatalogStore& store) : store_(store), state_(std::make_shared<State>()) {}

Status Catalog::Load() {
  CatalogEdit edit;
  SL_ASSIGN(const auto records, store_.ReadMetadata(""));
  ObjectId next_id = kFirstId;
  for (const auto& [key, value] : records) {
    if (key.starts_with(kDatabases)) {
      SL_ASSIGN(DatabasePtr database, DatabaseFromJson(key, value));
      edit.put_databases.push_back(std::move(database));
    } else if (key.starts_with(kTables)) {
      SL_ASSIGN(TablePtr table, TableFromJson(key, value));
      edit.put_tables.push_back(std::move(table));
    } else if (key.starts_with(kDroppedTables)) {
      SL_ASSIGN(DroppedTable dropped, DroppedTableFromJson(key, value));
      edit.put_dropped.push_back(std::move(dropped));
    } else if (key.starts_with(kDroppedDatabases)) {
      SL_ASSIGN(DatabasePtr database, DatabaseFromJson(key, value));
      edit.put_dropped_databases.push_back(std::move(database));
    } else if (key.starts_with(kJobs)) {
      SL_ASSIGN(JobPtr job, JobFromJson(key, value));
      edit.put_jobs.push_back(std::move(job));
    } else if (key.starts_with(kExternals)) {
      SL_ASSIGN(ExternalPtr external, ExternalFromJson(key, value));
      edit.put_externals.push_back(std::move(external));
    } else if (key == kNextId) {
      std::from_chars(value.data(), value.data() + value.size(), next_id);
    }
  }
  const std::unique_lock lock(state_mutex_);
  ApplyToState(edit);
  state_->next_id = next_id;
  return {};
}

DatabasePtr Catalog::FindDatabase(std::string_view name) const {
  const std::shared_lock lock(state_mutex_);
  const auto found = state_->databases.find(name);
  return found == state_->databases.end() ? nullptr : found->second;
}

DatabasePtr Catalog::FindDatabase(ObjectId id) const {
  const std::shared_lock lock(state_mutex_);
  const auto found = state_->databases_by_id.find(id);
  return found == state_->databases_by_id.end() ? nullptr : found->second;
}

std::vector<DatabasePtr> Catalog::Databases() const {
  const std::shared_lock lock(state_mutex_);
  return Values(state_->databases);
}

TablePtr Catalog::FindTable(std::string_view database, std::string_view table) const {
  const std::shared_lock lock(state_mutex_);
  const auto owner = state_->databases.find(database);
  if (owner == state_->databases.end()) return nullptr;
  const auto tables = state_->tables.find(owner->second->id);
  if (tables == state_->tables.end()) return nullptr;
  const auto found = tables->second.find(table);
  return found == tables->second.end() ? nullptr : found->second;
}

TablePtr Catalog::FindTable(ObjectId id) const {
  const std::shared_lock lock(state_mutex_);
  const auto found = state_->tables_by_id.find(id);
  return found == state_->tables_by_id.end() ? nullptr : found->second;
}

std::vector<TablePtr> Catalog::Tables(ObjectId database_id) const {
  const std::shared_lock lock(state_mutex_);
  const auto found = state_->tables.find(database_id);
  return found == state_->tables.end() ? std::vector<TablePtr>() : Values(found->second);
}

std::vector<JobPtr> Catalog::Jobs(ObjectId database_id) const {
  const std::shared_lock lock(state_mutex_);
  std::vector<JobPtr> jobs;
  for (const auto& [id, job] : state_->jobs) {
    if (job->database_id == database_id) jobs.push_back(job);
  }
  return jobs;
}

std::vector<JobPtr> Catalog::OpenJobs() const {
  const std::shared_lock lock(state_mutex_);
  std::vector<JobPtr> jobs;
  for (const auto& [id, job] : state_->jobs) {
    if (IsOpen(*job)) jobs.push_back(job);
  }
  return jobs;
}

JobPtr Catalog::OpenJobOf(ObjectId table_id) const {
  const std::shared_lock lock(state_mutex_);
  for (const auto& [id, job] : state_->jobs) {
    if (job->table_id == table_id && IsOpen(*job)) return job;
  }
  return nullptr;
}

std::vector<DroppedTable> Catalog::DroppedTables(std::string_view database,
                                                 std::string_view table) const {
  const std::shared_lock lock(state_mutex_);
  std::vector<DroppedTable> found;
  for (const auto& [id, dropped] : state_->dropped_tables) {
    if (dropped.database_name == database && dropped.table->name == table) found.push_back(dropped);
  }
  std::stable_sort(found.begin(), found.end(), [](const DroppedTable& a, const DroppedTable& b) {
    return a.dropped_ms > b.dropped_ms;
  });
  return found;
}

std::vector<DroppedTable> Catalog::DroppedTablesOf(ObjectId database_id) const {
  const std::shared_lock lock(state_mutex_);
  std::vector<DroppedTable> found;
  for (const auto& [id, dropped] : state_->dropped_tables) {
    if (dropped.table->database_id == database_id) found.push_back(dropped);
  }
  return found;
}

DatabasePtr Catalog::FindDroppedDatabase(std::string_view name) const {
  const std::shared_lock lock(state_mutex_);
  DatabasePtr last;
  for (const auto& [id, database] : state_->dropped_databases) {
    if (database->name == name) last = database;
  }
  return last;
}

ExternalPtr Catalog::FindExternal(ExternalDef::Kind kind, std::string_view name) const {
  const std::shared_lock lock(state_mutex_);
  for (const auto& [id, external] : state_->externals) {
    if (external->kind == kind && external->name == name) return external;
  }
  return nullptr;
}

std::vector<ExternalPtr> Catalog::Externals(ExternalDef::Kind kind) const {
  const std::shared_lock lock(state_mutex_);
  std::vector<ExternalPtr> found;
  for (const auto& [id, external] : state_->externals) {
    if (external->kind == kind) found.push_back(external);
  }
  std::sort(found.begin(), found.end(),
            [](const ExternalPtr& a, const ExternalPtr& b) { return a->name < b->name; });
  return found;
}

ObjectId Catalog::NextId() {
  const std::unique_lock lock(state_mutex_);
  return state_->next_id++;
}

uint64_t Catalog::generation() const {
  const std::shared_lock lock(state_mutex_);
  return state_->generation;
}

Status Catalog::Apply(CatalogEdit edit) {
  std::vector<MetadataWrite> writes;
  const auto put = [&](std::string_view kind, ObjectId id, std::string record) {
    writes.push_back({Key(kind, id), std::move(record)});
  };
  const auto remove = [&](std::string_view kind, const std::vector<ObjectId>& ids) {
    for (const ObjectId id : ids) writes.push_back({Key(kind, id), std::nullopt});
  };
  remove(kDatabases, edit.remove_databases);
  remove(kTables, edit.remove_tables);
  remove(kDroppedTables, edit.remove_dropped);
  remove(kDroppedDatabases, edit.remove_dropped_databases);
  remove(kJobs, edit.remove_jobs);
  remove(kExternals, edit.remove_externals);
  for (const DatabasePtr& database : edit.put_databases) {
    put(kDatabases, database->id, ToJson(*database));
  }
  for (const TablePtr& table : edit.put_tables) put(kTables, table->id, ToJson(*table));
  for (const DroppedTable& dropped : edit.put_dropped) {
    put(kDroppedTables, dropped.table->id, ToJson(dropped));
  }
  for (const DatabasePtr& database : edit.put_dropped_databases) {
    put(kDroppedDatabases, database->id, ToJson(*database));
  }
  for (const JobPtr& job : edit.put_jobs) put(kJobs, job->id, ToJson(*job));
  for (const ExternalPtr& external : edit.put_externals) {
    put(kExternals, external->id, ToJson(*external));
  }
  {
    const std::shared_lock lock(state_mutex_);
    writes.push_back({std::string(kNextId), std::to_string(state_->next_id)});
  }
  return store_.Commit(writes, edit.storage, [&] {
    const std::unique_lock lock(state_mutex_);
    ApplyToState(edit);
  });
}

void Catalog::ApplyToState(const CatalogEdit& edit) {
  State& state = *state_;
  for (const ObjectId id : edit.remove_databases) {
    if (const auto found = state.databases_by_id.find(id); found != state.databases_by_id.end()) {
      state.databases.erase(found->second->name);
      state.databases_by_id.erase(found);
    }
  }
  // Names leave before others arrive: SWAP exchanges two.
  const auto forget_name = [&](ObjectId id) {
    const auto found = state.tables_by_id.find(id);
    if (found == state.tables_by_id.end()) return;
    auto& names = state.tables[found->second->database_id];
    const auto name = names.find(found->second->name);
    if (name != names.end() && name->second->id == id) names.erase(name);
  };
  for (const ObjectId id : edit.remove_tables) {
    forget_name(id);
    state.tables_by_id.erase(id);
  }
  for (const TablePtr& table : edit.put_tables) forget_name(table->id);
  for (const DatabasePtr& database : edit.put_databases) {
    if (const auto old = state.databases_by_id.find(database->id);
        old != state.databases_by_id.end()) {
      state.databases.erase(old->second->name);
    }
    state.databases[database->name] = database;
    state.databases_by_id[database->id] = database;
  }
  for (const TablePtr& table : edit.put_tables) {
    state.tables[table->database_id][table->name] = table;
    state.tables_by_id[table->id] = table;
  }
  for (const ObjectId id : edit.remove_dropped) state.dropped_tables.erase(id);
  for (const DroppedTable& dropped : edit.put_dropped) {
    state.dropped_tables[dropped.table->id] = dropped;
  }
  for (const ObjectId id : edit.remove_dropped_databases) state.dropped_databases.erase(id);
  for (const DatabasePtr& database : edit.put_dropped_databases) {
    state.dropped_databases[database->id] = database;
  }
  for (const ObjectId id : edit.remove_jobs) state.jobs.erase(id);
  for (const JobPtr& job : edit.put_jobs) state.jobs[job->id] = job;
  for (const ObjectId id : edit.remove_externals) state.externals.erase(id);
  for (const ExternalPtr& external : edit.put_externals) state.externals[external->id] = external;
  ++state.generation;
}

}  // namespace starlift::sandbox::catalog
