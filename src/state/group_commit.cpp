#include "state/group_commit.h"

#include <utility>

namespace starlift::state {

Status GroupCommit::Write(const Change& change) {
  Waiting mine{&change, {}, false};
  std::vector<Waiting*> batch;
  {
    std::unique_lock lock(queue_mutex_);
    queue_.push_back(&mine);
    turn_.wait(lock, [&] { return mine.done || !leading_; });
    if (mine.done) return std::move(mine.status);
    leading_ = true;
    batch = std::exchange(queue_, {});
  }
  {
    std::lock_guard lock(connection_mutex_);
    WriteTogether(batch);
  }
  {
    std::lock_guard lock(queue_mutex_);
    leading_ = false;
    for (Waiting* waiting : batch) waiting->done = true;
  }
  turn_.notify_all();
  return std::move(mine.status);
}

Status GroupCommit::Read(const Change& query) {
  std::lock_guard lock(connection_mutex_);
  return query(*connection_);
}

void GroupCommit::WriteTogether(const std::vector<Waiting*>& batch) {
  const auto fail_all = [&](const Error& error) {
    for (Waiting* waiting : batch) {
      if (waiting->status.ok()) waiting->status = error;
    }
  };
  if (Status begun = connection_->Execute("BEGIN IMMEDIATE"); !begun.ok()) {
    fail_all(begun.error());
    return;
  }
  for (Waiting* waiting : batch) {
    if (Status marked = connection_->Execute("SAVEPOINT change"); !marked.ok()) {
      waiting->status = marked;
      continue;
    }
    waiting->status = (*waiting->change)(*connection_);
    if (!waiting->status.ok()) (void)connection_->Execute("ROLLBACK TO change");
    if (Status released = connection_->Execute("RELEASE change");
        !released.ok() && waiting->status.ok()) {
      waiting->status = released;
    }
  }
  if (Status committed = connection_->Execute("COMMIT"); !committed.ok()) {
    // A full disk rolls back by itself; then this fails, as it may.
    (void)connection_->Execute("ROLLBACK");
    fail_all(committed.error());
  }
}

}  // namespace starlift::state
