#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "sandbox/ddl/environment.h"
#include "sandbox/storage/storage.h"
#include "sandbox/storage/transaction_ledger.h"

namespace starlift::sandbox::query {

// Names, types and tables of queries for DDL (views, CREATE TABLE AS, generated columns). Stateless
// beyond its pointers, so any thread may call it. The pointers outlive it.
class Analyzer final : public ddl::QueryAnalyzer {
 public:
  Analyzer(catalog::Catalog* catalog, Storage* storage, TransactionLedger* ledger)
      : catalog_(catalog), storage_(storage), ledger_(ledger) {}

  Result<ddl::AnalyzedQuery> AnalyzeQuery(const ddl::SessionContext& session,
                                          std::string_view query,
                                          sql::Position start) const override;
  Result<ddl::AnalyzedExpression> AnalyzeExpression(const std::vector<catalog::ColumnDef>& columns,
                                                    std::string_view expression,
                                                    sql::Position start) const override;
  Result<uint64_t> InsertFromQuery(const ddl::SessionContext& session, std::string_view database,
                                   std::string_view table, std::string_view query) const override;

 private:
  catalog::Catalog* catalog_;
  Storage* storage_;
  TransactionLedger* ledger_;
};

}  // namespace starlift::sandbox::query
