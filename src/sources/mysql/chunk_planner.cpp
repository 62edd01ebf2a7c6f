#include "sources/mysql/chunk_planner.h"

#include <algorithm>
#include <charconv>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "sources/mysql/key_range.h"

namespace starlift::mysql {
namespace {

using wire::mysql::Client;
using wire::mysql::QueryRows;
using wire::mysql::QuoteIdentifier;

// Ranges by arithmetic hold at most this many times the rows wanted, even where all rows crowd in
// one of them; sparser keys are walked.
constexpr double kMaxValuesPerRow = 4;

std::string TableName(const Table& table) {
  return QuoteIdentifier(table.id.database) + "." + QuoteIdentifier(table.id.name);
}

bool IsUnsigned(TypeKind kind) { return kind >= TypeKind::kUInt8 && kind <= TypeKind::kUInt64; }

std::optional<uint64_t> ParsePattern(std::string_view digits) {
  const char* const end = digits.data() + digits.size();
  if (digits.starts_with('-')) {
    int64_t value = 0;
    const auto [stop, code] = std::from_chars(digits.data(), end, value);
    if (code != std::errc() || stop != end) return std::nullopt;
    return static_cast<uint64_t>(value);
  }
  uint64_t value = 0;
  const auto [stop, code] = std::from_chars(digits.data(), end, value);
  if (code != std::errc() || stop != end) return std::nullopt;
  return value;
}

std::string PrintPattern(uint64_t pattern, bool is_unsigned) {
  return is_unsigned ? std::to_string(pattern) : std::to_string(static_cast<int64_t>(pattern));
}

}  // namespace

Result<std::optional<Chunk>> ChunkPlanner::Next(Client& client, const Table& table,
                                                const Chunk* previous, uint64_t target_rows) {
  if (previous != nullptr && !previous->upper) return std::optional<Chunk>();
  Chunk chunk;
  if (previous != nullptr) {
    chunk.number = previous->number + 1;
    chunk.lower = previous->upper;
  }
  if (!KeyHasOrder(table)) return std::optional(std::move(chunk));
  target_rows = std::max<uint64_t>(target_rows, 1);
  SL_ASSIGN(const std::optional<IntegerSpan> span, DenseSpan(client, table));
  if (!span) {
    SL_ASSIGN(chunk.upper, WalkTo(client, table, chunk.lower, target_rows));
    return std::optional(std::move(chunk));
  }
  const bool is_unsigned = IsUnsigned(table.columns[table.key[0]].type.kind);
  const auto step =
      std::max<uint64_t>(1, static_cast<uint64_t>(std::min(
                                static_cast<double>(target_rows) / span->rows_per_value, 1e18)));
  uint64_t lower = span->lowest - 1;
  if (chunk.lower) {
    const auto stored = ParsePattern(chunk.lower->at(0));
    if (!stored) {
      return Error{
          .kind = ErrorKind::kInternal,
          .message = fmt::format("a chunk bound of {} is no integer", table.id.ToString())};
    }
    lower = *stored;
  }
  // Beyond the highest value of when it was asked, the last range is open.
  const uint64_t left = span->highest - lower;
  const bool beyond =
      is_unsigned
          ? lower >= span->highest && chunk.lower
          : static_cast<int64_t>(lower) >= static_cast<int64_t>(span->highest) && chunk.lower;
  if (!beyond && left > step) chunk.upper = ChunkBound{PrintPattern(lower + step, is_unsigned)};
  return std::optional(std::move(chunk));
}

Result<std::optional<ChunkPlanner::IntegerSpan>> ChunkPlanner::DenseSpan(Client& client,
                                                                         const Table& table) {
  TableFacts& facts = facts_[table.id];
  if (facts.span_asked) return facts.dense_span;
  if (table.key.size() != 1 || !IsInteger(table.columns[table.key[0]].type.kind) ||
      table.row_estimate == 0) {
    facts.span_asked = true;
    return facts.dense_span;
  }
  SL_ASSIGN(const QueryRows result,
            client.Query(fmt::format("SELECT MIN({0}), MAX({0}) FROM {1}", KeyColumnList(table),
                                     TableName(table))));
  facts.span_asked = true;
  if (result.rows.empty() || !result.rows[0][0] || !result.rows[0][1]) return facts.dense_span;
  const auto lowest = ParsePattern(*result.rows[0][0]);
  const auto highest = ParsePattern(*result.rows[0][1]);
  if (!lowest || !highest) return facts.dense_span;
  const double values = static_cast<double>(*highest - *lowest) + 1;
  const double rows = static_cast<double>(table.row_estimate);
  if (values / rows <= kMaxValuesPerRow) {
    facts.dense_span = IntegerSpan{*lowest, *highest, std::min(1.0, rows / values)};
  }
  return facts.dense_span;
}

Result<std::optional<ChunkBound>> ChunkPlanner::WalkTo(Client& client, const Table& table,
                                                       const std::optional<ChunkBound>& lower,
                                                       uint64_t rows) {
  SL_ASSIGN(const std::string hint, IndexHint(client, table));
  std::string columns;
  for (const ColumnIndex index : table.key) {
    columns += (columns.empty() ? "" : ", ") + BoundExpression(table.columns[index]);
  }
  std::string sql = fmt::format("SELECT {} FROM {}{}", columns, TableName(table), hint);
  if (lower) sql += " WHERE " + AfterCondition(table, *lower);
  sql += fmt::format(" ORDER BY {} LIMIT 1 OFFSET {}", KeyColumnList(table), rows - 1);
  SL_ASSIGN(const QueryRows result, client.Query(sql));
  if (result.rows.empty()) return std::optional<ChunkBound>();
  ChunkBound bound;
  for (const auto& cell : result.rows[0]) bound.push_back(cell.value_or(std::string()));
  return std::optional(std::move(bound));
}

Result<std::string> ChunkPlanner::IndexHint(Client& client, const Table& table) {
  if (table.key_kind == KeyKind::kNone) return std::string();
  if (table.key_kind == KeyKind::kPrimary) return std::string(" FORCE INDEX (PRIMARY)");
  TableFacts& facts = facts_[table.id];
  if (facts.index_hint) return *facts.index_hint;
  SL_ASSIGN(const QueryRows result,
            client.Query(fmt::format("SHOW INDEX FROM {} WHERE Non_unique = 0", TableName(table))));
  const auto name_field = result.FindField("Key_name");
  const auto column_field = result.FindField("Column_name");
  std::map<std::string, std::vector<std::string>> indexes;
  if (name_field && column_field) {
    // The rows of one index come in key order.
    for (const QueryRows::Row& row : result.rows) {
      indexes[row[*name_field].value_or("")].push_back(row[*column_field].value_or(""));
    }
  }
  std::vector<std::string> wanted;
  for (const ColumnIndex index : table.key) wanted.push_back(table.columns[index].name);
  facts.index_hint = "";
  for (const auto& [name, columns] : indexes) {
    if (columns == wanted) {
      facts.index_hint = fmt::format(" FORCE INDEX ({})", QuoteIdentifier(name));
      break;
    }
  }
  return *facts.index_hint;
}

}  // namespace starlift::mysql
