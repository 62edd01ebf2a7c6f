#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"
#include "sandbox/catalog/table_def.h"

namespace starlift::sandbox::catalog {

// One record of the metadata table. No value: the record is removed.
struct MetadataWrite {
  std::string key;
  std::optional<std::string> value;  // JSON
};

// What one DDL does to the stored rows. Tables are t_<id>, columns c<column id>.
struct CreateStorage {
  TablePtr table;
};  // tables and materialized views
struct DropStorage {
  ObjectId table_id;
};
struct TruncateStorage {
  TablePtr table;
};
// Removes the rows of these partitions (bounds as in the definition before the change).
struct RemovePartitionRows {
  TablePtr table;
  std::vector<ObjectId> partition_ids;
};
// `table` has the column already. Old rows get the default, NULL where there is none.
struct AddStorageColumn {
  TablePtr table;
  int32_t column_id;
};
struct DropStorageColumn {
  TablePtr table;
  int32_t column_id;
};
// Values are cast as StarRocks casts. kData error: some value does not fit (the job is cancelled).
struct ChangeStorageColumn {
  TablePtr before;
  TablePtr after;
  int32_t column_id;
};

using StorageChange = std::variant<CreateStorage, DropStorage, TruncateStorage, RemovePartitionRows,
                                   AddStorageColumn, DropStorageColumn, ChangeStorageColumn>;

// Where the catalog is kept; implemented by storage/. All writes and changes of one Commit happen
// together or not at all, also across kill -9. Waits for loads that are writing to the tables
// named.
class CatalogStore {
 public:
  virtual ~CatalogStore() = default;
  // All records whose key begins with `prefix`.
  virtual Result<std::vector<std::pair<std::string, std::string>>> ReadMetadata(
      std::string_view prefix) = 0;
  // `durable` is called once they are kept, while nobody can read or load the tables named: what
  // it tells of them and what is stored never differ.
  virtual Status Commit(std::span<const MetadataWrite> writes,
                        std::span<const StorageChange> changes,
                        const std::function<void()>& durable) = 0;
};

}  // namespace starlift::sandbox::catalog
