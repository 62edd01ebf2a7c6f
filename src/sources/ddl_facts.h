#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "data/table.h"

namespace starlift {

enum class ConstraintKind { kPrimary, kUnique, kForeign };

struct Constraint {
  std::string name;
  ConstraintKind kind = ConstraintKind::kPrimary;
  std::vector<std::string> columns;  // in key order
};

// What a generator of DDL asks of a table beyond data/table.h.
struct TableDdlFacts {
  std::optional<std::chrono::sys_seconds> created;
  uint64_t total_bytes = 0;  // rows and indexes
  // Every primary, unique and foreign key, as the catalog lists them.
  std::vector<Constraint> constraints;
  // Hive's CLUSTERED BY: the columns that rows are spread over files by.
  std::vector<std::string> bucket_columns;
};

struct DdlFacts {
  std::map<TableId, TableDdlFacts> tables;
  // Of the server, by name: "version"; TiDB "pd-addresses"; Oracle "cdb-name" (absent if it is no
  // container database), "major-version"; Hive "hive.metastore.uris".
  std::vector<std::pair<std::string, std::string>> server;
};

// A source that can tell more than Source::ReadCatalog does. Optional: without it, generators know
// the key that the catalog chose, and no age. Thread-safe like Source.
class DdlFactsReader {
 public:
  virtual ~DdlFactsReader() = default;

  // Of the tables of the catalog, which this source read before.
  virtual Result<DdlFacts> ReadDdlFacts(const Catalog& catalog) = 0;
};

}  // namespace starlift
