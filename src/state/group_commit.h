#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <vector>

#include "base/result.h"
#include "state/sqlite_connection.h"

namespace starlift::state {

// Runs changes of many threads on one connection; those that wait at the same time share one
// transaction, and so one flush to disk. Thread-safe.
class GroupCommit {
 public:
  using Change = std::function<Status(SqliteConnection&)>;

  explicit GroupCommit(std::unique_ptr<SqliteConnection> connection)
      : connection_(std::move(connection)) {}

  // Durable when it returns. A change that fails leaves nothing behind and hurts no other.
  Status Write(const Change& change);
  // Sees what is durable.
  Status Read(const Change& query);

 private:
  struct Waiting {
    const Change* change;
    Status status;
    bool done = false;
  };
  void WriteTogether(const std::vector<Waiting*>& batch);

  std::mutex connection_mutex_;
  std::unique_ptr<SqliteConnection> connection_;  // under connection_mutex_

  std::mutex queue_mutex_;
  std::condition_variable turn_;
  std::vector<Waiting*> queue_;
  bool leading_ = false;  // some thread writes for all that wait
};

}  // namespace starlift::state
