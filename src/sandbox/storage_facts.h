#pragma once

#include "sandbox/ddl/environment.h"
#include "sandbox/storage/storage.h"
#include "sandbox/storage/transaction_ledger.h"

namespace starlift::sandbox {

// Row counts and versions of partitions, for SHOW PARTITIONS and its kind. Thread-safe.
class StoredFacts : public ddl::StorageFacts {
 public:
  StoredFacts(Storage& storage, const TransactionLedger& ledger)
      : storage_(storage), ledger_(ledger) {}
  ddl::PartitionStatistics StatisticsOf(const catalog::TableDef& table,
                                        const catalog::PartitionDef& partition) const override;

 private:
  Storage& storage_;
  const TransactionLedger& ledger_;
};

// Transactions as ALTER jobs see them. Thread-safe.
class LedgerWatch : public ddl::TransactionWatch {
 public:
  LedgerWatch(Storage& storage, const TransactionLedger& ledger)
      : storage_(storage), ledger_(ledger) {}
  int64_t NextTransactionId() override;
  bool HasOpenTransactionBefore(catalog::ObjectId database_id,
                                int64_t transaction_id) const override;

 private:
  Storage& storage_;
  const TransactionLedger& ledger_;
};

}  // namespace starlift::sandbox
