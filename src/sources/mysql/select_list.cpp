#include "sources/mysql/select_list.h"

#include <fmt/format.h>

#include "sources/mysql/types.h"
#include "wire/mysql/client.h"

namespace starlift::mysql {
namespace {

using wire::mysql::QuoteIdentifier;

bool HasCharset(const Column& column) {
  return (IsText(column.type.kind) || column.type.kind == TypeKind::kJson) &&
         !column.charset.empty();
}

}  // namespace

bool IsUtf8Charset(std::string_view charset) {
  return charset == "utf8mb4" || charset == "utf8mb3" || charset == "utf8" || charset == "ascii";
}

bool MayLoseCharacters(std::string_view charset) {
  // MySQL's latin1 is cp1252 with its five holes filled: every byte is a character.
  return !charset.empty() && !IsUtf8Charset(charset) && charset != "latin1" && charset != "binary";
}

std::string SelectExpression(const Column& column) {
  const std::string name = QuoteIdentifier(column.name);
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
      break;
  }
  if (HasCharset(column) && !IsUtf8Charset(column.charset))
    return fmt::format("CONVERT({} USING utf8mb4)", name);
  if (HasDisplayForm(column.native_type)) return name + " + 0";
  return name;
}

CellRule CellRuleFor(const Column& column) {
  if (column.type.kind == TypeKind::kFloat) return CellRule::kFloat;
  if (HasCharset(column) && IsUtf8Charset(column.charset)) return CellRule::kUtf8;
  return CellRule::kAsIs;
}

}  // namespace starlift::mysql
