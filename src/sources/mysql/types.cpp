#include "sources/mysql/types.h"

#include <algorithm>
#include <array>
#include <utility>

#include "sources/mysql/column_default.h"

namespace starlift::mysql {
namespace {

std::string Lower(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return lower;
}

bool Contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

struct IntegerKind {
  std::string_view name;
  TypeKind with_sign;
  TypeKind without_sign;
};
constexpr std::array<IntegerKind, 5> kIntegers = {{
    {"tinyint", TypeKind::kInt8, TypeKind::kUInt8},
    {"smallint", TypeKind::kInt16, TypeKind::kUInt16},
    {"mediumint", TypeKind::kInt24, TypeKind::kUInt24},
    {"int", TypeKind::kInt32, TypeKind::kUInt32},
    {"bigint", TypeKind::kInt64, TypeKind::kUInt64},
}};

constexpr std::pair<std::string_view, TypeKind> kNames[] = {
    {"float", TypeKind::kFloat},
    {"double", TypeKind::kDouble},
    {"decimal", TypeKind::kDecimal},
    {"date", TypeKind::kDate},
    {"datetime", TypeKind::kDateTime},
    {"timestamp", TypeKind::kTimestamp},
    {"time", TypeKind::kTime},
    {"year", TypeKind::kYear},
    {"char", TypeKind::kChar},
    {"varchar", TypeKind::kVarchar},
    {"tinytext", TypeKind::kText},
    {"text", TypeKind::kText},
    {"mediumtext", TypeKind::kText},
    {"longtext", TypeKind::kText},
    {"enum", TypeKind::kEnum},
    {"set", TypeKind::kSet},
    {"json", TypeKind::kJson},
    {"binary", TypeKind::kBinary},
    {"varbinary", TypeKind::kVarbinary},
    {"tinyblob", TypeKind::kBlob},
    {"blob", TypeKind::kBlob},
    {"mediumblob", TypeKind::kBlob},
    {"longblob", TypeKind::kBlob},
    {"bit", TypeKind::kBit},
    {"geometry", TypeKind::kGeometry},
    {"point", TypeKind::kGeometry},
    {"linestring", TypeKind::kGeometry},
    {"polygon", TypeKind::kGeometry},
    {"multipoint", TypeKind::kGeometry},
    {"multilinestring", TypeKind::kGeometry},
    {"multipolygon", TypeKind::kGeometry},
    {"geometrycollection", TypeKind::kGeometry},
    {"geomcollection", TypeKind::kGeometry},
    {"uuid", TypeKind::kUuid},
    {"inet4", TypeKind::kInet},
    {"inet6", TypeKind::kInet},
};

TypeKind KindOf(const ColumnRow& row) {
  const std::string name = Lower(row.data_type);
  for (const IntegerKind& integer : kIntegers) {
    if (name != integer.name) continue;
    return Contains(Lower(row.column_type), "unsigned") ? integer.without_sign : integer.with_sign;
  }
  for (const auto& [known, kind] : kNames) {
    if (name != known) continue;
    if (name == "longtext" && row.json_checked) return TypeKind::kJson;
    return kind;
  }
  return TypeKind::kUnsupported;
}

constexpr uint64_t kUuidCharacters = 36;
constexpr uint64_t kInetCharacters = 45;

}  // namespace

Type TypeOf(const ColumnRow& row) {
  Type type{.kind = KindOf(row)};
  switch (type.kind) {
    case TypeKind::kDecimal:
      type.precision = static_cast<uint8_t>(row.numeric_precision);
      type.scale = static_cast<uint8_t>(row.numeric_scale);
      break;
    case TypeKind::kDateTime:
    case TypeKind::kTimestamp:
    case TypeKind::kTime:
      type.scale = static_cast<uint8_t>(row.datetime_precision);
      break;
    case TypeKind::kBit:
      type.length = row.numeric_precision;
      break;
    case TypeKind::kBinary:
    case TypeKind::kVarbinary:
    case TypeKind::kBlob:
      type.length = row.octet_length;
      break;
    case TypeKind::kUuid:
      type.length = kUuidCharacters;
      break;
    case TypeKind::kInet:
      type.length = kInetCharacters;
      break;
    default:
      if (IsText(type.kind)) type.length = row.character_length;
      break;
  }
  return type;
}

Column ColumnOf(const ColumnRow& row, bool mariadb_defaults) {
  Column column;
  column.name = row.name;
  column.type = TypeOf(row);
  column.native_type = row.column_type;
  column.nullable = row.nullable;
  column.comment = row.comment;
  // MariaDB's JSON is a text column with a charset of its own.
  if (IsText(column.type.kind) || column.type.kind == TypeKind::kJson) {
    column.charset = row.charset;
    column.collation = row.collation;
  }
  const std::string extra = Lower(row.extra);
  column.auto_increment = Contains(extra, "auto_increment");
  // "DEFAULT_GENERATED" marks an expression as default, not a generated column.
  column.generated = Contains(extra, "virtual") || Contains(extra, "stored generated") ||
                     Contains(extra, "persistent");
  column.invisible = Contains(extra, "invisible");
  if (!column.generated) ReadDefault(row, mariadb_defaults, column);
  return column;
}

size_t CountLabels(std::string_view native_type) {
  size_t commas = 0;
  bool quoted = false;
  // A doubled quote ends and begins, which comes to the same.
  for (const char c : native_type) {
    if (c == '\'') quoted = !quoted;
    if (c == ',' && !quoted) ++commas;
  }
  return native_type.empty() ? 0 : commas + 1;
}

bool HasDisplayForm(std::string_view native_type) {
  const std::string type = Lower(native_type);
  if (Contains(type, "zerofill")) return true;
  return (type.starts_with("float") || type.starts_with("double")) && Contains(type, ",");
}

}  // namespace starlift::mysql
