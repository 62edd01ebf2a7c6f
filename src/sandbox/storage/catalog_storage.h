#pragma once

#include <functional>

#include "sandbox/catalog/catalog_store.h"
#include "sandbox/storage/storage.h"

namespace starlift::sandbox {

// The catalog's records and what DDL does to rows, in one DuckDB transaction. Takes the exclusive
// TableLock of every table that changes, so it waits for loads that are writing to them.
class CatalogStorage : public catalog::CatalogStore {
 public:
  explicit CatalogStorage(Storage& storage) : storage_(storage) {}

  Result<std::vector<std::pair<std::string, std::string>>> ReadMetadata(
      std::string_view prefix) override;
  Status Commit(std::span<const catalog::MetadataWrite> writes,
                std::span<const catalog::StorageChange> changes,
                const std::function<void()>& durable) override;

 private:
  Storage& storage_;
};

// What the values of a list partition's tuples are computed from, one for each place.
std::vector<catalog::PartitionKey> ListKeysOf(const catalog::TableDef& table);

// "c3 >= CAST('2024-01-01' AS DATE) AND …": which rows of the table lie in the partition, over
// physical names. Tables without
// partitioning: "TRUE".
std::string PartitionPredicate(const catalog::TableDef& table,
                               const catalog::PartitionDef& partition);

}  // namespace starlift::sandbox
