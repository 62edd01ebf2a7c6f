#include "sandbox/storage_facts.h"

#include <fmt/format.h>

#include "base/log.h"
#include "sandbox/storage/catalog_storage.h"

namespace starlift::sandbox {
namespace {

// What a row costs on disk is not known per partition; the number only has to grow with the rows.
constexpr int64_t kGuessedRowBytes = 64;

}  // namespace

ddl::PartitionStatistics StoredFacts::StatisticsOf(const catalog::TableDef& table,
                                                   const catalog::PartitionDef& partition) const {
  ddl::PartitionStatistics statistics;
  const TransactionLedger::TableVersion version = ledger_.VersionOf(table.id);
  statistics.visible_version = 1 + version.loads;
  statistics.visible_version_ms = version.last_visible_ms;
  Result<Connection> connection = storage_.Connect();
  if (!connection.ok()) return statistics;
  const auto rows = connection->QueryInteger(fmt::format("SELECT count(*) FROM {} WHERE {}",
                                                         table.physical_name(),
                                                         PartitionPredicate(table, partition)));
  if (rows.ok()) statistics.row_count = rows->value_or(0);
  statistics.data_bytes = statistics.row_count * kGuessedRowBytes;
  return statistics;
}

int64_t LedgerWatch::NextTransactionId() {
  const Result<int64_t> id = storage_.NextId();
  if (id.ok()) return *id;
  LogError("no transaction id: {}", id.error().ToString());
  return 0;
}

bool LedgerWatch::HasOpenTransactionBefore(catalog::ObjectId database_id,
                                           int64_t transaction_id) const {
  return ledger_.HasRunningBefore(database_id, transaction_id);
}

}  // namespace starlift::sandbox
