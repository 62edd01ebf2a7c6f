#pragma once

#include <string>

#include "data/table.h"
#include "sources/source.h"

// SQL for the ranges of a table's key. Bounds hold what BoundExpression gave: for text the bytes in
// the column's own charset, so that they come back exactly as they were, whatever the collation.
namespace starlift::mysql {

// The key can be cut into ranges that its index serves: no FLOAT or DOUBLE, whose text is not the
// value, and no SET (or endless ENUM) in front, by whose numbers no index range can be asked for.
bool KeyHasOrder(const Table& table);

// What a bound's cell is selected as.
std::string BoundExpression(const Column& column);
// The same cell as a literal that compares with the column by the column's own rules.
std::string BoundLiteral(const Column& column, std::string_view cell);

// "(k > lower) AND (k <= upper)" for whole keys; empty for a chunk without bounds. Several columns
// are compared by AND and OR, as row constructors don't use the index on all servers.
std::string RangeCondition(const Table& table, const Chunk& chunk);
std::string AfterCondition(const Table& table, const ChunkBound& lower);

// The rows of these keys.
std::string KeysCondition(const Table& table, const RowKeys& keys);

// "`a`, `b`" of the key, for ORDER BY.
std::string KeyColumnList(const Table& table);

}  // namespace starlift::mysql
