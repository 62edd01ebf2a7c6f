#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "sandbox/storage/storage.h"
#include "sandbox/storage/transaction_ledger.h"

namespace starlift::sandbox::query {

// BEGIN … COMMIT of a session: INSERTs are merged in one DuckDB transaction, which COMMIT makes
// durable together with the label. Rolls back when destroyed. Used by the session's thread.
class ExplicitTransaction {
 public:
  static std::unique_ptr<ExplicitTransaction> Begin(TransactionLedger* ledger, Storage* storage,
                                                    std::string user);
  ~ExplicitTransaction();

  const std::string& label() const { return transaction_.label; }
  int64_t id() const { return transaction_.id; }

  // The DuckDB transaction of the first INSERT's database; 0 so far: any.
  Result<WriteTransaction*> WriteTo(int64_t database_id, int64_t table_id);
  void AddRows(int64_t rows) { transaction_.rows_loaded += rows; }
  // Run once the transaction is committed and its locks are free; not at all after a rollback.
  void AfterCommit(std::function<Status()> step) { after_commit_.push_back(std::move(step)); }

  Status Commit();
  Status Rollback();

 private:
  ExplicitTransaction(TransactionLedger* ledger, Storage* storage)
      : ledger_(*ledger), storage_(*storage) {}

  TransactionLedger& ledger_;
  Storage& storage_;
  LoadTransaction transaction_;
  bool registered_ = false;  // the ledger knows it
  bool finished_ = false;
  std::set<int64_t> locked_tables_;
  std::vector<TableLock> locks_;
  std::unique_ptr<WriteTransaction> write_;
  std::vector<std::function<Status()>> after_commit_;
};

}  // namespace starlift::sandbox::query
