#include "sources/mysql/select_list.h"

#include <algorithm>

#include "sources/mysql/types.h"
#include "wire/mysql/client.h"

namespace starlift::mysql {
namespace {

bool HasCharset(const Column& column) {
  return (IsText(column.type.kind) || column.type.kind == TypeKind::kJson) &&
         !column.charset.empty();
}

// The charset's bytes are UTF-8 as they are.
bool IsUtf8Charset(std::string_view charset) {
  return charset == "utf8mb4" || charset == "utf8mb3" || charset == "utf8" || charset == "ascii";
}

}  // namespace

ResultCharset ResultCharsetFor(const Table& table, const std::vector<ColumnIndex>& columns) {
  const bool all_utf8 = std::all_of(columns.begin(), columns.end(), [&](ColumnIndex index) {
    const Column& column = table.columns[index];
    return !HasCharset(column) || IsUtf8Charset(column.charset);
  });
  return all_utf8 ? ResultCharset::kRaw : ResultCharset::kUtf8mb4;
}

std::string SelectExpression(const Column& column, ResultCharset charset) {
  const std::string name = wire::mysql::QuoteIdentifier(column.name);
  // What is UTF-8 as it is but not utf8mb4 by name is kept from the conversion: ill-formed bytes
  // would become question marks.
  if (charset == ResultCharset::kUtf8mb4 && HasCharset(column) && column.charset != "utf8mb4" &&
      IsUtf8Charset(column.charset)) {
    return "CAST(" + name + " AS BINARY)";
  }
  switch (column.type.kind) {
    case TypeKind::kFloat:
      // FLOAT prints six digits; as a product it is a DOUBLE, printed in full. Times one, unlike
      // plus zero, keeps the sign of −0.
      return name + " * 1e0";
    case TypeKind::kDouble:
      return HasDisplayForm(column.native_type) ? name + " * 1e0" : name;
    case TypeKind::kBit:
    case TypeKind::kYear:  // "0000" is 0
      return name + " + 0";
    default:
      return HasDisplayForm(column.native_type) ? name + " + 0" : name;
  }
}

CellRule CellRuleFor(const Column& column, ResultCharset charset) {
  if (column.type.kind == TypeKind::kFloat) return CellRule::kFloat;
  if (!HasCharset(column)) return CellRule::kAsIs;
  if (charset == ResultCharset::kRaw || IsUtf8Charset(column.charset)) return CellRule::kAsIs;
  // MySQL's latin1 is cp1252 with its five holes filled: every byte is a character.
  return column.charset == "latin1" ? CellRule::kAsIs : CellRule::kConverted;
}

}  // namespace starlift::mysql
