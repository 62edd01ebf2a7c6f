#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sandbox/query/typed.h"
#include "sandbox/sql/result.h"
#include "sandbox/storage/connection.h"
#include "sandbox/storage/transaction_ledger.h"

namespace starlift::sandbox::query {

// information_schema and sys: definitions, and rows made from the catalog when they are asked for.
// One per session or analysis; single-threaded.
class SystemCatalog final : public SystemTables {
 public:
  // What the catalog does not know. Null pointers: nothing of the kind is shown.
  struct Facts {
    TransactionLedger* ledger = nullptr;
    int backends = 1;
  };

  // `session` decides what is visible; null: everything. `connection` null: RowsSql gives no rows.
  SystemCatalog(const catalog::Catalog* catalog, const ddl::SessionContext* session,
                Connection* connection, Facts facts)
      : catalog_(*catalog), session_(session), connection_(connection), facts_(facts) {}
  // For analysis alone.
  SystemCatalog(const catalog::Catalog* catalog, const ddl::SessionContext* session)
      : catalog_(*catalog), session_(session), connection_(nullptr) {}

  catalog::TablePtr Find(std::string_view database, std::string_view table) const override;
  Result<std::string> RowsSql(const catalog::TableDef& table) override;

  // Names of all tables of a system database, for SHOW TABLES.
  static std::vector<std::string> TableNames(std::string_view database);

 private:
  const catalog::Catalog& catalog_;
  const ddl::SessionContext* session_;
  Connection* connection_;
  Facts facts_;
};

}  // namespace starlift::sandbox::query
