#pragma once

#include <map>
#include <string>

#include "sandbox/catalog/catalog_store.h"

namespace starlift::sandbox::catalog {

// A CatalogStore for tests: records in a map, row changes only counted. One thread.
class MemoryCatalogStore : public CatalogStore {
 public:
  Result<std::vector<std::pair<std::string, std::string>>> ReadMetadata(
      std::string_view prefix) override {
    std::vector<std::pair<std::string, std::string>> found;
    for (const auto& [key, value] : records) {
      if (key.starts_with(prefix)) found.emplace_back(key, value);
    }
    return found;
  }

  Status Commit(std::span<const MetadataWrite> writes, std::span<const StorageChange> changes,
                const std::function<void()>& durable) override {
    if (next_error.has_value()) {
      Error error = *next_error;
      next_error.reset();
      return error;
    }
    for (const MetadataWrite& write : writes) {
      if (write.value.has_value()) {
        records[write.key] = *write.value;
      } else {
        records.erase(write.key);
      }
    }
    applied.insert(applied.end(), changes.begin(), changes.end());
    durable();
    return {};
  }

  std::map<std::string, std::string> records;
  std::vector<StorageChange> applied;
  // The next Commit fails with it and changes nothing.
  std::optional<Error> next_error;
};

}  // namespace starlift::sandbox::catalog
