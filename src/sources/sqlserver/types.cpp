#include "sources/sqlserver/types.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace starlift::sqlserver {
namespace {

constexpr std::pair<std::string_view, TypeKind> kPlain[] = {
    {"tinyint", TypeKind::kUInt8},      {"smallint", TypeKind::kInt16},
    {"int", TypeKind::kInt32},          {"bigint", TypeKind::kInt64},
    {"bit", TypeKind::kBool},           {"real", TypeKind::kFloat},
    {"float", TypeKind::kDouble},       {"date", TypeKind::kDate},
    {"text", TypeKind::kText},          {"ntext", TypeKind::kText},
    {"xml", TypeKind::kText},           {"json", TypeKind::kJson},
    {"image", TypeKind::kBlob},         {"sql_variant", TypeKind::kText},
    {"hierarchyid", TypeKind::kText},   {"geometry", TypeKind::kGeometry},
    {"geography", TypeKind::kGeometry}, {"vector", TypeKind::kJson},
};

constexpr uint64_t kUuidCharacters = 36;
constexpr uint64_t kRowversionBytes = 8;
constexpr uint8_t kMostFractionDigits = 6;  // the seventh, of 100 ns, is cut
constexpr uint8_t kDatetimeFractionDigits = 3;

bool IsOneOf(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

Type Sized(TypeKind kind, TypeKind unbounded, int64_t length) {
  if (length < 0) return {.kind = unbounded};
  return {.kind = kind, .length = static_cast<uint64_t>(length)};
}

Type Fractional(TypeKind kind, int64_t scale) {
  return {.kind = kind,
          .scale = static_cast<uint8_t>(std::min<int64_t>(scale, kMostFractionDigits))};
}

bool EnclosesAll(std::string_view text) {
  if (!text.starts_with('(') || !text.ends_with(')')) return false;
  int depth = 0;
  bool quoted = false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\'') quoted = !quoted;
    if (quoted) continue;
    if (text[i] == '(') ++depth;
    if (text[i] == ')' && --depth == 0) return i + 1 == text.size();
  }
  return false;
}

// '…' with doubled quotes and nothing behind it.
std::optional<std::string> ReadQuoted(std::string_view text) {
  if (text.starts_with('N')) text.remove_prefix(1);
  if (text.size() < 2 || !text.starts_with('\'')) return std::nullopt;
  std::string literal;
  for (size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '\'') {
      if (i + 1 == text.size()) return literal;
      if (text[i + 1] != '\'') return std::nullopt;
      ++i;
    }
    literal += text[i];
  }
  return std::nullopt;
}

bool IsNumber(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
  });
}

void ReadDefault(const ColumnRow& row, Column& column) {
  if (row.identity) {
    column.auto_increment = true;
    return;
  }
  if (!row.default_definition) {
    if (column.nullable) column.default_kind = DefaultKind::kNull;
    return;
  }
  std::string_view text = *row.default_definition;
  while (EnclosesAll(text)) text = text.substr(1, text.size() - 2);
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  if (lower == "null") {
    column.default_kind = DefaultKind::kNull;
  } else if (IsOneOf(lower, {"getdate()", "getutcdate()", "sysdatetime()", "sysutcdatetime()",
                             "current_timestamp", "sysdatetimeoffset()"})) {
    column.default_kind = DefaultKind::kCurrentTimestamp;
    column.default_text = text;
  } else if (auto literal = ReadQuoted(text)) {
    column.default_kind = DefaultKind::kLiteral;
    column.default_text = std::move(*literal);
  } else {
    column.default_kind = IsNumber(text) ? DefaultKind::kLiteral : DefaultKind::kExpression;
    column.default_text = text;
  }
}

}  // namespace

Type TypeOf(const ColumnRow& row) {
  const std::string_view name = row.type;
  for (const auto& [known, kind] : kPlain) {
    if (name == known) return {.kind = kind};
  }
  if (IsOneOf(name, {"decimal", "numeric", "money", "smallmoney"})) {
    return {.kind = TypeKind::kDecimal,
            .precision = static_cast<uint8_t>(row.precision),
            .scale = static_cast<uint8_t>(row.scale)};
  }
  if (name == "datetime") return Fractional(TypeKind::kDateTime, kDatetimeFractionDigits);
  if (name == "smalldatetime") return Fractional(TypeKind::kDateTime, 0);
  if (name == "datetime2") return Fractional(TypeKind::kDateTime, row.scale);
  if (name == "datetimeoffset") return Fractional(TypeKind::kTimestamp, row.scale);
  if (name == "time") return Fractional(TypeKind::kTime, row.scale);
  if (name == "char") return Sized(TypeKind::kChar, TypeKind::kText, row.max_length);
  if (name == "varchar") return Sized(TypeKind::kVarchar, TypeKind::kText, row.max_length);
  // Two bytes a character.
  const int64_t wide = row.max_length < 0 ? -1 : row.max_length / 2;
  if (name == "nchar") return Sized(TypeKind::kChar, TypeKind::kText, wide);
  if (name == "nvarchar") return Sized(TypeKind::kVarchar, TypeKind::kText, wide);
  if (name == "binary") return Sized(TypeKind::kBinary, TypeKind::kBlob, row.max_length);
  if (name == "varbinary") return Sized(TypeKind::kVarbinary, TypeKind::kBlob, row.max_length);
  if (IsOneOf(name, {"timestamp", "rowversion"})) {
    return {.kind = TypeKind::kBinary, .length = kRowversionBytes};
  }
  if (name == "uniqueidentifier") return {.kind = TypeKind::kUuid, .length = kUuidCharacters};
  return {};
}

std::string NativeType(const ColumnRow& row) {
  const std::string& name = row.type;
  if (IsOneOf(name, {"char", "varchar", "binary", "varbinary", "nchar", "nvarchar"})) {
    if (row.max_length < 0) return name + "(max)";
    const bool wide = name.starts_with('n');
    return fmt::format("{}({})", name, wide ? row.max_length / 2 : row.max_length);
  }
  if (IsOneOf(name, {"decimal", "numeric"})) {
    return fmt::format("{}({},{})", name, row.precision, row.scale);
  }
  if (IsOneOf(name, {"datetime2", "datetimeoffset", "time"})) {
    return fmt::format("{}({})", name, row.scale);
  }
  return name;
}

Column ColumnOf(const ColumnRow& row) {
  Column column;
  column.name = row.name;
  column.type = TypeOf(row);
  column.native_type = NativeType(row);
  column.nullable = row.nullable;
  column.comment = row.comment;
  if (IsText(column.type.kind)) {
    column.charset = "utf8";  // the client library converts
    column.collation = row.collation;
  }
  column.generated = row.computed;
  if (!row.computed) ReadDefault(row, column);
  return column;
}

}  // namespace starlift::sqlserver
