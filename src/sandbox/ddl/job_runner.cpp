#include "sandbox/ddl/job_runner.h"

#include <chrono>

#include "sandbox/ddl/alter_clauses.h"
#include "sandbox/ddl/statement_context.h"

namespace starlift::sandbox::ddl {

using catalog::AlterJob;
using catalog::CatalogEdit;
using catalog::JobPtr;
using catalog::JobState;
using catalog::TableDef;
using catalog::TablePtr;

namespace {

constexpr auto kTick = std::chrono::milliseconds(50);

JobPtr InState(const AlterJob& job, JobState state, std::string message = "") {
  auto moved = std::make_shared<AlterJob>(job);
  moved->state = state;
  moved->message = std::move(message);
  if (state == JobState::kFinished || state == JobState::kCancelled) {
    moved->finished_ms = NowMs();
    moved->result = nullptr;
  }
  return moved;
}

}  // namespace

void JobRunner::Start() {
  const std::lock_guard lock(mutex_);
  if (thread_.joinable()) return;
  stopping_ = false;
  thread_ = std::thread([this] { Run(); });
}

void JobRunner::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void JobRunner::Run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    lock.unlock();
    for (const JobPtr& job : environment_.catalog->OpenJobs()) Advance(*job);
    lock.lock();
    wake_.wait_for(lock, kTick, [this] { return stopping_; });
  }
}

void JobRunner::Advance(const AlterJob& job) {
  catalog::Catalog& catalog = *environment_.catalog;
  const bool too_early = NowMs() - job.created_ms < environment_.cluster.alter_pending_ms;
  if (job.state == JobState::kPending && too_early) return;
  const TransactionWatch* transactions = environment_.transactions;
  const bool blocked = transactions != nullptr &&
                       transactions->HasOpenTransactionBefore(job.database_id, job.transaction_id);
  if (blocked && job.state == JobState::kWaitingTxn) return;

  const auto change_lock = catalog.LockForChange();
  // CANCEL or DROP may have been quicker.
  const JobPtr current = catalog.OpenJobOf(job.table_id);
  if (current == nullptr || current->id != job.id) return;
  CatalogEdit edit;
  if (blocked) {
    edit.put_jobs.push_back(InState(job, JobState::kWaitingTxn));
  } else if (job.state == JobState::kPending) {
    edit.put_jobs.push_back(InState(job, JobState::kWaitingTxn));
  } else {
    Finish(job, edit);
  }
  const Status stored = catalog.Apply(std::move(edit));
  if (stored.ok()) return;
  // Values that don't fit their new type end the job; anything else is tried again.
  if (stored.error().kind != ErrorKind::kData && stored.error().kind != ErrorKind::kRefused) return;
  CatalogEdit cancel;
  cancel.put_jobs.push_back(InState(job, JobState::kCancelled, stored.error().message));
  static_cast<void>(catalog.Apply(std::move(cancel)).ok());
}

void JobRunner::Finish(const AlterJob& job, CatalogEdit& edit) const {
  const TablePtr before = environment_.catalog->FindTable(job.table_id);
  if (before == nullptr || job.result == nullptr) {
    edit.put_jobs.push_back(InState(job, JobState::kCancelled, "table does not exist"));
    return;
  }
  TableDef merged = MergeJobResult(*before, *job.result);
  auto after = std::make_shared<const TableDef>(std::move(merged));
  AddStorageChanges(before, after, edit);
  edit.put_tables.push_back(after);
  edit.put_jobs.push_back(InState(job, JobState::kFinished));
}

}  // namespace starlift::sandbox::ddl
