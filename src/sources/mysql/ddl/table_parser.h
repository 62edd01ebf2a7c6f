#pragma once

#include "base/result.h"
#include "sources/mysql/ddl/statement.h"
#include "sources/mysql/ddl/token_cursor.h"

namespace starlift::mysql {

// Parts that CREATE TABLE and ALTER TABLE share.

// True if an index or constraint is next: reads it into `index`, which stays empty for a CHECK.
Result<bool> ParseIndex(TokenCursor& cursor, std::optional<IndexDefinition>& index);

// "(a, b(10) DESC, (a + b))"
Result<std::vector<IndexDefinition::Part>> ParseIndexParts(TokenCursor& cursor);

// USING BTREE, COMMENT '…', … after an index.
Status SkipIndexOptions(TokenCursor& cursor);

// True if a table option is next.
Result<bool> ParseTableOption(TokenCursor& cursor, TableOptions& options);

// What follows PARTITION: the names of the partitions that are declared.
Result<std::vector<std::string>> ParsePartitionBy(TokenCursor& cursor);

// "(PARTITION a …, PARTITION b …)"
Result<std::vector<std::string>> ParsePartitionDefinitions(TokenCursor& cursor);

// "p0", "p1", … as the server names them.
std::vector<std::string> UnnamedPartitions(uint64_t first, uint64_t count);

}  // namespace starlift::mysql
