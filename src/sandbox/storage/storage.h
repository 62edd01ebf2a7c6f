#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sandbox/storage/connection.h"
#include "sandbox/storage/physical_table.h"

namespace starlift::sandbox {

struct StorageOptions {
  // Folder of the database file; made if missing. Locked against a second process.
  std::string home;
  uint64_t memory_limit_bytes = uint64_t{2} << 30;
  // 0: one per core.
  int threads = 0;
};

// A piece of metadata: JSON text under (kind, key). Catalog objects, users, labels.
struct Document {
  std::string key;
  std::string body;
};

class WriteTransaction;

// Held while a table's rows or shape are changed. Exclusive: merges and DDL, one at a time.
// Shared: plain appends, which DuckDB takes from several connections at once.
class TableLock {
 public:
  TableLock() = default;
  TableLock(TableLock&&) = default;
  TableLock& operator=(TableLock&&) = default;

 private:
  friend class Storage;
  std::shared_ptr<std::shared_mutex> owner_;  // outlives the locks, which are destroyed first
  std::unique_lock<std::shared_mutex> exclusive_;
  std::shared_lock<std::shared_mutex> shared_;
};

// The DuckDB file of one sandbox. Rows and metadata are written in one DuckDB transaction, so that
// a crash at any instant leaves both or neither. Thread-safe; everything got from it must be gone
// before it is destroyed.
class Storage {
 public:
  // kConflict if another process has `home` open, kIo if the folder can't be used.
  static Result<std::unique_ptr<Storage>> Open(const StorageOptions& options);
  ~Storage();

  Result<Connection> Connect();

  // A transaction for rows and metadata together. Take the TableLocks first.
  Result<std::unique_ptr<WriteTransaction>> BeginWrite();
  // The same on a connection that has temporary tables to be read in it.
  Result<std::unique_ptr<WriteTransaction>> BeginWriteOn(Connection connection);
  // Runs `body` in a transaction and commits; starts over (a few times, with back-off) when
  // DuckDB reports a write conflict, so `body` must be repeatable. Any other error rolls back.
  Status RunWrite(const std::function<Status(WriteTransaction&)>& body);

  // In order of key.
  Result<std::vector<Document>> ReadDocuments(std::string_view kind);

  // A number never given before, also not before a restart, from 1. For transactions; the catalog
  // has its own sequence. Costs a disk write once in a thousand calls.
  Result<int64_t> NextId();

  // Wait for the table's other writers. Take several in ascending order of id. Never take the
  // catalog's change lock while holding one: DDL takes them in the other order.
  TableLock LockTable(int64_t table_id);
  TableLock LockTableShared(int64_t table_id);

 private:
  Storage();
  Status Prepare();
  struct State;
  std::unique_ptr<State> state_;
};

// One DuckDB transaction. Rolls back when destroyed without Commit. Used by one thread.
class WriteTransaction {
 public:
  ~WriteTransaction();
  WriteTransaction(const WriteTransaction&) = delete;
  WriteTransaction& operator=(const WriteTransaction&) = delete;

  // For rows: anything run here is part of the transaction. No BEGIN or COMMIT by hand.
  Connection& connection() { return connection_; }

  // Metadata. Put replaces.
  Status PutDocument(std::string_view kind, std::string_view key, std::string_view json);
  Status DeleteDocument(std::string_view kind, std::string_view key);

  // Shape of physical tables (physical_table.h). Need the TableLock, except CreateTable.
  Status CreateTable(int64_t table_id, const std::vector<PhysicalColumn>& columns);
  Status DropTable(int64_t table_id);  // no error if it isn't there
  Status TruncateTable(int64_t table_id);
  // `fill_sql`: DuckDB expression that old rows get, e.g. "CAST('7' AS INTEGER)"; empty: NULL.
  Status AddColumn(int64_t table_id, const PhysicalColumn& column, const std::string& fill_sql);
  Status DropColumn(int64_t table_id, int64_t column_id);
  // `using_sql`: expression over the old column (its physical name); empty: CAST.
  Status ChangeColumnType(int64_t table_id, const PhysicalColumn& column,
                          const std::string& using_sql);
  // Rows of a dropped or truncated partition: `predicate_sql` over physical names.
  Result<int64_t> DeleteRows(int64_t table_id, const std::string& predicate_sql);

  // On disk when it returns. kConflict: nothing happened, may be repeated.
  Status Commit();
  void Rollback();

 private:
  friend class Storage;
  explicit WriteTransaction(Connection connection);
  Status Run(const std::string& sql);
  Status Rewrite(int64_t table_id, const std::string& select_list);

  Connection connection_;
  bool open_ = true;
};

}  // namespace starlift::sandbox
