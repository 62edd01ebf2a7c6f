#include "sources/mysql/key_range.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "sources/mysql/types.h"
#include "wire/mysql/client.h"

namespace starlift::mysql {
namespace {

using wire::mysql::QuoteIdentifier;

std::string Hex(std::string_view bytes) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::string text = "X'";
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    text.push_back(kDigits[byte >> 4]);
    text.push_back(kDigits[byte & 0xF]);
  }
  text.push_back('\'');
  return text;
}

// ENUM and SET are ordered by number in the index, though compared with text as text.
bool BoundIsNumber(TypeKind kind) {
  return IsInteger(kind) || kind == TypeKind::kBool || kind == TypeKind::kYear ||
         kind == TypeKind::kBit || kind == TypeKind::kDecimal || kind == TypeKind::kEnum ||
         kind == TypeKind::kSet;
}

// No optimizer makes an index range of `enum > number`, but all do of `enum IN (numbers)`.
constexpr size_t kMaxListedLabels = 1000;

std::string CompareEnum(const Column& column, std::string_view comparison, std::string_view cell) {
  uint64_t bound = 0;
  std::from_chars(cell.data(), cell.data() + cell.size(), bound);
  const bool upwards = comparison.front() == '>';
  const bool with_bound = comparison.back() == '=';
  // Number 0 is the empty text that stands for a wrong value.
  uint64_t from = upwards ? bound + (with_bound ? 0 : 1) : 0;
  const uint64_t end = upwards ? CountLabels(column.native_type) + 1 : bound + (with_bound ? 1 : 0);
  std::string numbers;
  for (; from < end; ++from) numbers += (numbers.empty() ? "" : ", ") + std::to_string(from);
  if (numbers.empty()) return "FALSE";
  return fmt::format("{} IN ({})", QuoteIdentifier(column.name), numbers);
}

std::string CompareColumn(const Column& column, std::string_view comparison,
                          std::string_view cell) {
  if (column.type.kind == TypeKind::kEnum && comparison != "=")
    return CompareEnum(column, comparison, cell);
  return fmt::format("{} {} {}", QuoteIdentifier(column.name), comparison,
                     BoundLiteral(column, cell));
}

// `beyond`: ">" or "<"; `last`: the operator of the last column (">", "<=").
//   a > 1 OR (a = 1 AND (b > 2 OR (b = 2 AND c > 3)))
std::string Compare(const Table& table, const ChunkBound& bound, size_t at, std::string_view beyond,
                    std::string_view last) {
  const Column& column = table.columns[table.key[at]];
  if (at + 1 == table.key.size()) return CompareColumn(column, last, bound[at]);
  return fmt::format("{} OR ({} AND ({}))", CompareColumn(column, beyond, bound[at]),
                     CompareColumn(column, "=", bound[at]),
                     Compare(table, bound, at + 1, beyond, last));
}

// A plain condition on the first column besides, which every optimizer turns into an index range.
std::string Bounded(const Table& table, const ChunkBound& bound, std::string_view beyond,
                    std::string_view last) {
  std::string whole = Compare(table, bound, 0, beyond, last);
  if (table.key.size() == 1) return whole;
  const Column& first = table.columns[table.key[0]];
  return fmt::format("{} AND ({})", CompareColumn(first, fmt::format("{}=", beyond), bound[0]),
                     whole);
}

// A cell, unlike a bound, is UTF-8 and tells labels by their text.
std::string CellLiteral(const Column& column, std::string_view cell) {
  const bool label = column.type.kind == TypeKind::kEnum || column.type.kind == TypeKind::kSet;
  if (BoundIsNumber(column.type.kind) && !label) {
    // It may come from a row that someone else wrote at the target.
    const bool number = cell.find_first_not_of("-.0123456789") == cell.npos && !cell.empty();
    return number ? std::string(cell) : wire::mysql::QuoteString(cell);
  }
  if (IsText(column.type.kind) && !column.charset.empty()) {
    return fmt::format("CONVERT(_utf8mb4 {} USING {}) COLLATE {}", Hex(cell), column.charset,
                       column.collation);
  }
  return BoundLiteral(column, cell);
}

}  // namespace

bool KeyHasOrder(const Table& table) {
  if (!table.has_key()) return false;
  const Column& first = table.columns[table.key[0]];
  if (first.type.kind == TypeKind::kSet) return false;
  if (first.type.kind == TypeKind::kEnum && CountLabels(first.native_type) > kMaxListedLabels)
    return false;
  return std::all_of(table.key.begin(), table.key.end(), [&](ColumnIndex index) {
    const TypeKind kind = table.columns[index].type.kind;
    return kind != TypeKind::kFloat && kind != TypeKind::kDouble && kind != TypeKind::kUnsupported;
  });
}

std::string BoundExpression(const Column& column) {
  const std::string name = QuoteIdentifier(column.name);
  const TypeKind kind = column.type.kind;
  const bool as_number = kind == TypeKind::kEnum || kind == TypeKind::kSet ||
                         kind == TypeKind::kBit || kind == TypeKind::kYear ||
                         HasDisplayForm(column.native_type);
  return as_number ? name + " + 0" : name;
}

std::string BoundLiteral(const Column& column, std::string_view cell) {
  if (BoundIsNumber(column.type.kind)) return std::string(cell);
  if (IsBinary(column.type.kind)) return Hex(cell);
  if (IsText(column.type.kind) && !column.charset.empty()) {
    return fmt::format("_{} {} COLLATE {}", column.charset, Hex(cell), column.collation);
  }
  return wire::mysql::QuoteString(cell);
}

std::string AfterCondition(const Table& table, const ChunkBound& lower) {
  return Bounded(table, lower, ">", ">");
}

std::string RangeCondition(const Table& table, const Chunk& chunk) {
  std::string condition;
  if (chunk.lower) condition = fmt::format("({})", AfterCondition(table, *chunk.lower));
  if (chunk.upper) {
    if (!condition.empty()) condition += " AND ";
    condition += fmt::format("({})", Bounded(table, *chunk.upper, "<", "<="));
  }
  return condition;
}

std::string KeysCondition(const Table& table, const RowKeys& keys) {
  std::string condition;
  for (const std::vector<std::string>& key : keys.rows) {
    condition += condition.empty() ? "(" : " OR (";
    for (size_t i = 0; i < key.size(); ++i) {
      const Column& column = table.columns[keys.columns[i]];
      if (i > 0) condition += " AND ";
      condition +=
          fmt::format("{} = {}", QuoteIdentifier(column.name), CellLiteral(column, key[i]));
    }
    condition += ")";
  }
  return condition;
}

std::string KeyColumnList(const Table& table) {
  std::string list;
  for (const ColumnIndex index : table.key) {
    list += (list.empty() ? "" : ", ") + QuoteIdentifier(table.columns[index].name);
  }
  return list;
}

}  // namespace starlift::mysql
