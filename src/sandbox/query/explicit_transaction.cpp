#include "sandbox/query/explicit_transaction.h"

#include <random>

#include "sandbox/sql/error.h"

namespace starlift::sandbox::query {
namespace {

std::string RandomUuid() {
  static thread_local std::mt19937_64 random{std::random_device{}()};
  constexpr char kDigits[] = "0123456789abcdef";
  std::string uuid;
  for (int i = 0; i < 32; ++i) {
    if (i == 8 || i == 12 || i == 16 || i == 20) uuid += '-';
    uuid += kDigits[random() % 16];
  }
  return uuid;
}

}  // namespace

std::unique_ptr<ExplicitTransaction> ExplicitTransaction::Begin(TransactionLedger* ledger,
                                                                Storage* storage,
                                                                std::string user) {
  std::unique_ptr<ExplicitTransaction> open(new ExplicitTransaction(ledger, storage));
  open->transaction_.label = RandomUuid();
  open->transaction_.source = TransactionSource::kInsertStreaming;
  open->transaction_.user = std::move(user);
  const auto id = storage->NextId();
  open->transaction_.id = id.ok() ? *id : 0;
  return open;
}

ExplicitTransaction::~ExplicitTransaction() {
  // The session is gone; nobody is left to hear of an error, and rows of an open DuckDB
  // transaction vanish in any case.
  if (!finished_) [[maybe_unused]]
    const Status ignored = Rollback();
}

Result<WriteTransaction*> ExplicitTransaction::WriteTo(int64_t database_id, int64_t table_id) {
  if (!registered_) {
    transaction_.database_id = database_id;
    SL_ASSIGN(transaction_, ledger_.Begin(transaction_));
    registered_ = true;
  }
  if (transaction_.database_id != database_id) {
    return sql::SqlError(5303, "Explicit transaction only support write to tables of one database");
  }
  if (locked_tables_.insert(table_id).second) {
    locks_.push_back(storage_.LockTable(table_id));
    transaction_.table_ids.push_back(table_id);
  }
  if (!write_) {
    SL_ASSIGN(write_, storage_.BeginWrite());
  }
  return write_.get();
}

Status ExplicitTransaction::Commit() {
  finished_ = true;
  if (!write_) return {};
  transaction_.state = TransactionState::kVisible;
  Status status = ledger_.Record(*write_, transaction_);
  if (status.ok()) status = write_->Commit();
  if (!status.ok()) {
    write_->Rollback();
    write_.reset();
    locks_.clear();
    SL_TRY(ledger_.Abort(transaction_.id, status.error().message));
    return status;
  }
  write_.reset();
  locks_.clear();
  ledger_.Publish(transaction_);
  for (const std::function<Status()>& step : after_commit_) SL_TRY(step());
  return {};
}

Status ExplicitTransaction::Rollback() {
  finished_ = true;
  if (write_) write_->Rollback();
  write_.reset();
  locks_.clear();
  return registered_ ? ledger_.Abort(transaction_.id, "user rollback") : Status();
}

}  // namespace starlift::sandbox::query
