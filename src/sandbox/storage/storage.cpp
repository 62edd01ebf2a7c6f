#include "sandbox/storage/storage.h"

#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <random>
#include <thread>
#include <unordered_map>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <fmt/format.h>

#include "duckdb.h"
#include "sandbox/storage/connection_state.h"

namespace starlift::sandbox {
namespace {

constexpr int kFormatVersion = 1;
constexpr int64_t kIdBlock = 1000;
constexpr int kMaxWriteAttempts = 20;

// Keeps a second process away from the home folder, with an error that says so.
class HomeLock {
 public:
  ~HomeLock() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  Status Take(const std::string& home) {
    const std::string path = home + "/LOCK";
    descriptor_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (descriptor_ < 0) {
      return Error{ErrorKind::kIo, fmt::format("can't open {}: {}", path, std::strerror(errno))};
    }
    if (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
      return Error{ErrorKind::kConflict, fmt::format("{} is in use by another sandbox", home), "",
                   "stop the other one, or give this one another --home"};
    }
    return {};
  }

 private:
  int descriptor_ = -1;
};

// First come, first served: who waits for `rows` holds `entry`, so that a stream of appends can't
// keep a DDL out for ever.
struct TableGate {
  std::mutex entry;
  std::shared_mutex rows;
};

class Config {
 public:
  Config() { duckdb_create_config(&config_); }
  ~Config() { duckdb_destroy_config(&config_); }
  Status Set(const char* name, const std::string& value) {
    if (duckdb_set_config(config_, name, value.c_str()) == DuckDBSuccess) return {};
    return Error{ErrorKind::kInternal, fmt::format("DuckDB knows no setting {}={}", name, value)};
  }
  duckdb_config get() const { return config_; }

 private:
  duckdb_config config_ = nullptr;
};

}  // namespace

struct Storage::State {
  HomeLock home_lock;
  duckdb_database database = nullptr;

  std::mutex id_mutex;
  int64_t next_id = 0;
  int64_t reserved_until = 0;  // ids below it are ours to give

  std::mutex locks_mutex;
  std::unordered_map<int64_t, std::shared_ptr<TableGate>> table_gates;

  ~State() { duckdb_close(&database); }

  std::shared_ptr<TableGate> GateOf(int64_t table_id) {
    std::lock_guard guard(locks_mutex);
    std::shared_ptr<TableGate>& gate = table_gates[table_id];
    if (!gate) gate = std::make_shared<TableGate>();
    return gate;
  }
};

Storage::Storage() : state_(std::make_unique<State>()) {}
Storage::~Storage() = default;

Result<std::unique_ptr<Storage>> Storage::Open(const StorageOptions& options) {
  std::error_code failed;
  std::filesystem::create_directories(options.home, failed);
  if (failed) {
    return Error{ErrorKind::kIo, fmt::format("can't make {}: {}", options.home, failed.message())}
        .Mend("give a folder that this user may write to with --home");
  }
  std::unique_ptr<Storage> storage(new Storage());
  State& state = *storage->state_;
  SL_TRY(state.home_lock.Take(options.home));

  Config config;
  SL_TRY(config.Set("memory_limit", fmt::format("{}B", options.memory_limit_bytes)));
  if (options.threads > 0) SL_TRY(config.Set("threads", std::to_string(options.threads)));
  SL_TRY(config.Set("temp_directory", options.home + "/spill"));
  SL_TRY(config.Set("autoinstall_known_extensions", "false"));
  SL_TRY(config.Set("autoload_known_extensions", "false"));
  const std::string path = options.home + "/sandbox.duckdb";
  char* reason = nullptr;
  if (duckdb_open_ext(path.c_str(), &state.database, config.get(), &reason) != DuckDBSuccess) {
    Error error{ErrorKind::kIo, fmt::format("can't open {}: {}", path, reason ? reason : "?")};
    duckdb_free(reason);
    return error;
  }
  SL_TRY(storage->Prepare());
  return storage;
}

Status Storage::Prepare() {
  SL_ASSIGN(Connection connection, Connect());
  // No statement of a client may reach files. Set late: opening the file itself is access, too.
  SL_TRY(connection.Execute("SET GLOBAL enable_external_access = false"));
  SL_TRY(connection.Execute(
      "CREATE TABLE IF NOT EXISTS starlift_storage (version INTEGER, next_id BIGINT)"));
  SL_TRY(connection.Execute(
      "CREATE TABLE IF NOT EXISTS starlift_documents (kind VARCHAR, key VARCHAR, body VARCHAR)"));
  SL_ASSIGN(std::optional<int64_t> version,
            connection.QueryInteger("SELECT version FROM starlift_storage"));
  if (!version) {
    SL_TRY(connection.Execute(
        fmt::format("INSERT INTO starlift_storage VALUES ({}, 1)", kFormatVersion)));
  } else if (*version > kFormatVersion) {
    return Error{
        ErrorKind::kUsage,
        fmt::format("the home folder was written by a newer sandbox (format {}, known: {})",
                    *version, kFormatVersion),
        "", "use that version, or another --home"};
  }
  SL_ASSIGN(std::optional<int64_t> next,
            connection.QueryInteger("SELECT next_id FROM starlift_storage"));
  state_->next_id = state_->reserved_until = next.value_or(1);
  return {};
}

Result<Connection> Storage::Connect() {
  auto state = std::make_unique<Connection::State>();
  if (duckdb_connect(state_->database, &state->connection) != DuckDBSuccess) {
    return Error{ErrorKind::kInternal, "DuckDB gives no connection"};
  }
  return Connection(std::move(state));
}

Result<std::unique_ptr<WriteTransaction>> Storage::BeginWrite() {
  SL_ASSIGN(Connection connection, Connect());
  return BeginWriteOn(std::move(connection));
}

Result<std::unique_ptr<WriteTransaction>> Storage::BeginWriteOn(Connection connection) {
  SL_TRY(connection.Execute("BEGIN TRANSACTION"));
  return std::unique_ptr<WriteTransaction>(new WriteTransaction(std::move(connection)));
}

Status Storage::RunWrite(const std::function<Status(WriteTransaction&)>& body) {
  for (int attempt = 1;; ++attempt) {
    SL_ASSIGN(std::unique_ptr<WriteTransaction> write, BeginWrite());
    Status done = body(*write);
    if (done.ok()) done = write->Commit();
    if (done.ok()) return done;
    write->Rollback();
    if (done.error().kind != ErrorKind::kConflict || attempt == kMaxWriteAttempts) return done;
    thread_local std::minstd_rand random(std::random_device{}());
    std::this_thread::sleep_for(std::chrono::milliseconds(random() % (2u << std::min(attempt, 7))));
  }
}

Result<std::vector<Document>> Storage::ReadDocuments(std::string_view kind) {
  SL_ASSIGN(Connection connection, Connect());
  SL_ASSIGN(std::vector<Row> rows,
            connection.QueryRows("SELECT key, body FROM starlift_documents WHERE kind = " +
                                 QuoteLiteral(kind) + " ORDER BY key"));
  std::vector<Document> documents;
  documents.reserve(rows.size());
  for (Row& row : rows) {
    documents.push_back({std::move(*row[0]), std::move(*row[1])});
  }
  return documents;
}

Result<int64_t> Storage::NextId() {
  std::lock_guard guard(state_->id_mutex);
  if (state_->next_id == state_->reserved_until) {
    const int64_t until = state_->next_id + kIdBlock;
    const auto reserve = [&](WriteTransaction& write) -> Status {
      SL_TRY(write.connection().Execute(
          fmt::format("UPDATE starlift_storage SET next_id = {}", until)));
      return {};
    };
    SL_TRY(RunWrite(reserve));
    state_->reserved_until = until;
  }
  return state_->next_id++;
}

TableLock Storage::LockTable(int64_t table_id) {
  const std::shared_ptr<TableGate> gate = state_->GateOf(table_id);
  TableLock lock;
  lock.owner_ = {gate, &gate->rows};
  std::lock_guard entry(gate->entry);
  lock.exclusive_ = std::unique_lock(gate->rows);
  return lock;
}

TableLock Storage::LockTableShared(int64_t table_id) {
  const std::shared_ptr<TableGate> gate = state_->GateOf(table_id);
  TableLock lock;
  lock.owner_ = {gate, &gate->rows};
  std::lock_guard entry(gate->entry);
  lock.shared_ = std::shared_lock(gate->rows);
  return lock;
}

}  // namespace starlift::sandbox
