#pragma once

#include <span>
#include <string_view>

#include "base/result.h"
#include "sandbox/sql/ast.h"

namespace starlift::sandbox::sql {

// Whether a statement is about schema objects, by its first words: CREATE/ALTER/DROP of databases,
// tables, views, indexes; TRUNCATE, RECOVER, CANCEL ALTER, DESC, SHOW of such objects. What is not
// is some other room's to parse.
bool IsSchemaStatement(std::span<const Token> tokens);

// Parses one such statement. The tree holds views into `text` only in its TextRanges.
Result<Statement> ParseSchemaStatement(std::string_view text, std::span<const Token> tokens);

// Parts of statements, for the parser files and for other rooms' parsers. Each starts behind the
// words named.
Result<ColumnSpec> ParseColumn(TokenReader& reader);
Result<IndexSpec> ParseIndex(TokenReader& reader, const Token& begin);       // INDEX
Result<PartitionBySpec> ParsePartitionBy(TokenReader& reader);               // PARTITION BY
Result<PartitionSpec> ParsePartition(TokenReader& reader);                   // nothing
Result<DistributionSpec> ParseDistribution(TokenReader& reader);             // nothing
Result<std::optional<KeySpec>> ParseKey(TokenReader& reader);                // nothing
Result<RollupSpec> ParseRollup(TokenReader& reader);                         // nothing
Result<std::vector<ViewColumn>> ParseViewColumns(TokenReader& reader);       // nothing
Result<std::pair<int64_t, std::string>> ParseInterval(TokenReader& reader);  // INTERVAL

// Statements, from their first word.
Result<Statement> ParseCreateTable(TokenReader& reader);
Result<Statement> ParseCreateView(TokenReader& reader);
Result<Statement> ParseCreateMaterializedView(TokenReader& reader);
Result<Statement> ParseAlterTable(TokenReader& reader);
Result<Statement> ParseAlterMaterializedView(TokenReader& reader);
Result<Statement> ParseShow(TokenReader& reader);
Result<Statement> ParseDescribe(TokenReader& reader);

}  // namespace starlift::sandbox::sql
