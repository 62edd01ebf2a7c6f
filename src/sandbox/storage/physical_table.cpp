#include "sandbox/storage/physical_table.h"

#include <algorithm>

#include "sandbox/storage/time_zone.h"

namespace starlift::sandbox {
namespace {

std::string Quote(std::string_view text, char quote) {
  std::string quoted;
  quoted.reserve(text.size() + 2);
  quoted.push_back(quote);
  for (char c : text) {
    if (c == quote) quoted.push_back(quote);
    quoted.push_back(c);
  }
  quoted.push_back(quote);
  return quoted;
}

}  // namespace

std::string PhysicalTableName(int64_t table_id) { return "t_" + std::to_string(table_id); }
std::string PhysicalColumnName(int64_t column_id) { return "c" + std::to_string(column_id); }
std::string QuoteIdentifier(std::string_view name) { return Quote(name, '"'); }

// The engine's parser takes a NUL for the statement's end.
std::string QuoteLiteral(std::string_view text) {
  const size_t nul = text.find('\0');
  if (nul == text.npos) return Quote(text, '\'');
  return "(" + Quote(text.substr(0, nul), '\'') + " || chr(0) || " +
         QuoteLiteral(text.substr(nul + 1)) + ")";
}

std::string PhysicalType(const catalog::DataType& type) {
  using Kind = catalog::TypeKind;
  switch (type.kind) {
    case Kind::kBoolean:
      return "BOOLEAN";
    case Kind::kTinyInt:
      return "TINYINT";
    case Kind::kSmallInt:
      return "SMALLINT";
    case Kind::kInt:
      return "INTEGER";
    case Kind::kBigInt:
      return "BIGINT";
    case Kind::kLargeInt:
      return "HUGEINT";
    case Kind::kFloat:
      return "FLOAT";
    case Kind::kDouble:
      return "DOUBLE";
    case Kind::kDecimal:
      // DECIMAL(0,0) is a type of StarRocks, not of DuckDB.
      return "DECIMAL(" + std::to_string(std::max(type.precision, 1)) + "," +
             std::to_string(type.scale) + ")";
    case Kind::kDate:
      return "DATE";
    case Kind::kDateTime:
      return "TIMESTAMP";
    case Kind::kVarbinary:
      return "BLOB";
    case Kind::kJson:
      return "JSON";
    case Kind::kBitmap:
      return "UBIGINT[]";
    case Kind::kHll:
      return "VARCHAR[]";
    case Kind::kPercentile:
      return "DOUBLE[]";
    case Kind::kArray:
      return PhysicalType(type.children[0]) + "[]";
    case Kind::kMap:
      return "MAP(" + PhysicalType(type.children[0]) + "," + PhysicalType(type.children[1]) + ")";
    case Kind::kStruct: {
      std::string text = "STRUCT(";
      for (size_t i = 0; i < type.children.size(); ++i) {
        if (i > 0) text += ",";
        text += QuoteIdentifier(type.field_names[i]) + " " + PhysicalType(type.children[i]);
      }
      return text + ")";
    }
    case Kind::kNull:
      return "INTEGER";
    case Kind::kTime:
      return "DOUBLE";
    case Kind::kChar:
    case Kind::kVarchar:
      return "VARCHAR";
  }
  return "VARCHAR";
}

PhysicalColumn PhysicalColumnOf(const catalog::ColumnDef& column) {
  return {column.id, PhysicalType(column.type)};
}

std::string LiteralSql(const catalog::DataType& type, std::string_view text) {
  return "CAST(" + QuoteLiteral(text) + " AS " + PhysicalType(type) + ")";
}

std::string DefaultSql(const catalog::ColumnDef& column, std::string_view time_zone) {
  using Kind = catalog::DefaultKind;
  switch (column.default_kind) {
    case Kind::kNone:
    case Kind::kNull:
      return "NULL";
    case Kind::kLiteral:
      return LiteralSql(column.type, column.default_text);
    case Kind::kCurrentTimestamp: {
      const std::string now = LocalTimeSql(time_zone, "now()");
      const bool whole_seconds = column.default_text.empty() || column.default_text == "0";
      return "CAST(" + (whole_seconds ? "date_trunc('second', " + now + ")" : now) + " AS " +
             PhysicalType(column.type) + ")";
    }
    case Kind::kUuid:
      return "CAST(uuid() AS VARCHAR)";
    case Kind::kUuidNumeric:
      return "CAST(hash(uuid()) AS HUGEINT)";
  }
  return "NULL";
}

}  // namespace starlift::sandbox
