#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "data/table.h"
#include "sources/mysql/ddl/server_facts.h"
#include "sources/mysql/ddl/statement.h"

namespace starlift::mysql {

// What of the session and the database a definition depends on.
struct DefinitionContext {
  const ServerFacts& facts;
  std::string database_collation;   // empty: not known
  uint32_t utf8mb4_collation = 0;   // of "CHARSET utf8mb4" where the session says another; 0: no
  bool explicit_timestamps = true;  // explicit_defaults_for_timestamp
};

// The table that a CREATE TABLE with columns makes.
Result<Table> MakeTable(TableId id, const CreateTable& create, const DefinitionContext& context);

// An ALTER TABLE's outcome, but for RENAME TO, which is the caller's.
struct AlteredTable {
  Table table;
  std::vector<std::pair<std::string, std::string>> renamed_columns;
  std::vector<std::string> added_columns;
  bool rows_replaced = false;  // DROP PARTITION and the like
};
Result<AlteredTable> AlterDefinition(const Table& table, const AlterTable& alter,
                                     const DefinitionContext& context);

}  // namespace starlift::mysql
