#include "sandbox/catalog/data_type.h"

#include <algorithm>
#include <cctype>

namespace starlift::sandbox::catalog {
namespace {

constexpr uint16_t kFlagsNone = 0;

std::string LowerName(TypeKind kind) {
  switch (kind) {
    case TypeKind::kNull:
      return "null_type";
    case TypeKind::kBoolean:
      return "boolean";
    case TypeKind::kTinyInt:
      return "tinyint";
    case TypeKind::kSmallInt:
      return "smallint";
    case TypeKind::kInt:
      return "int";
    case TypeKind::kBigInt:
      return "bigint";
    case TypeKind::kLargeInt:
      return "largeint";
    case TypeKind::kFloat:
      return "float";
    case TypeKind::kDouble:
      return "double";
    case TypeKind::kDecimal:
      return "decimal";
    case TypeKind::kDate:
      return "date";
    case TypeKind::kDateTime:
      return "datetime";
    case TypeKind::kTime:
      return "time";
    case TypeKind::kChar:
      return "char";
    case TypeKind::kVarchar:
      return "varchar";
    case TypeKind::kVarbinary:
      return "varbinary";
    case TypeKind::kJson:
      return "json";
    case TypeKind::kHll:
      return "hll";
    case TypeKind::kBitmap:
      return "bitmap";
    case TypeKind::kPercentile:
      return "percentile";
    case TypeKind::kArray:
      return "array";
    case TypeKind::kMap:
      return "map";
    case TypeKind::kStruct:
      return "struct";
  }
  return "unknown";
}

int DisplayWidth(TypeKind kind) {
  switch (kind) {
    case TypeKind::kTinyInt:
      return 4;
    case TypeKind::kSmallInt:
      return 6;
    case TypeKind::kInt:
      return 11;
    case TypeKind::kBigInt:
      return 20;
    case TypeKind::kLargeInt:
      return 40;
    default:
      return 0;
  }
}

std::string Upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

// "<a, b>" of a nested type, each child printed by `print`.
template <typename Print>
std::string Children(const DataType& type, std::string_view separator, Print print) {
  std::string text = "<";
  for (size_t i = 0; i < type.children.size(); ++i) {
    if (i > 0) text += separator;
    if (type.kind == TypeKind::kStruct) text += type.field_names[i] + " ";
    text += print(type.children[i]);
  }
  return text + ">";
}

std::string DecimalText(const DataType& type, std::string_view separator) {
  return "(" + std::to_string(type.precision) + std::string(separator) +
         std::to_string(type.scale) + ")";
}

std::string LengthText(const DataType& type) { return "(" + std::to_string(type.length) + ")"; }

constexpr int kMaxDecimal64 = 18;

std::string DecimalErrorName(const DataType& type) {
  // A plain DECIMAL is never kept in 32 bits.
  const int bits = type.precision <= kMaxDecimal64 ? 64 : 128;
  return "DECIMAL" + std::to_string(bits) + DecimalText(type, ",");
}

}  // namespace

DataType DataType::Of(TypeKind kind) {
  DataType type;
  type.kind = kind;
  return type;
}

DataType DataType::Varchar(int length) {
  DataType type = Of(TypeKind::kVarchar);
  type.length = length;
  return type;
}

DataType DataType::Decimal(int precision, int scale) {
  DataType type = Of(TypeKind::kDecimal);
  type.precision = precision;
  type.scale = scale;
  return type;
}

std::string ShowCreateName(const DataType& type) {
  switch (type.kind) {
    case TypeKind::kDecimal:
      return "decimal" + DecimalText(type, ", ");
    case TypeKind::kChar:
    case TypeKind::kVarchar:
      return LowerName(type.kind) + LengthText(type);
    case TypeKind::kVarbinary:
      return type.length > 0 ? "varbinary" + LengthText(type) : "varbinary";
    case TypeKind::kArray:
    case TypeKind::kMap:
      return LowerName(type.kind) + Children(type, ",", ShowCreateName);
    case TypeKind::kStruct:
      return "struct" + Children(type, ", ", ShowCreateName);
    default: {
      const int width = DisplayWidth(type.kind);
      return LowerName(type.kind) + (width > 0 ? "(" + std::to_string(width) + ")" : "");
    }
  }
}

std::string DescName(const DataType& type) {
  switch (type.kind) {
    case TypeKind::kDecimal:
      return "decimal" + DecimalText(type, ",");
    case TypeKind::kArray:
    case TypeKind::kMap:
    case TypeKind::kStruct:
      return ShowCreateName(type);
    case TypeKind::kChar:
    case TypeKind::kVarchar:
    case TypeKind::kVarbinary:
      return ShowCreateName(type);
    default:
      return LowerName(type.kind);
  }
}

std::string ErrorName(const DataType& type) {
  switch (type.kind) {
    case TypeKind::kDecimal:
      return DecimalErrorName(type);
    case TypeKind::kChar:
    case TypeKind::kVarchar:
      return Upper(LowerName(type.kind)) + LengthText(type);
    case TypeKind::kVarbinary:
      return type.length > 0 ? "VARBINARY" + LengthText(type) : "VARBINARY";
    case TypeKind::kArray:
    case TypeKind::kMap:
      return Upper(LowerName(type.kind)) + Children(type, ",", ErrorName);
    case TypeKind::kStruct:
      return ShowCreateName(type);
    default:
      return Upper(LowerName(type.kind));
  }
}

std::string InformationSchemaDataType(const DataType& type) {
  switch (type.kind) {
    case TypeKind::kBoolean:
      return "tinyint";
    case TypeKind::kLargeInt:
      return "bigint unsigned";
    default:
      return LowerName(type.kind);
  }
}

std::string InformationSchemaColumnType(const DataType& type) {
  switch (type.kind) {
    case TypeKind::kBoolean:
      return "tinyint(1)";
    case TypeKind::kLargeInt:
      return "bigint(20) unsigned";
    case TypeKind::kDecimal:
      return DescName(type);
    default:
      return ShowCreateName(type);
  }
}

bool IsInteger(TypeKind kind) { return kind >= TypeKind::kTinyInt && kind <= TypeKind::kLargeInt; }

bool IsNumeric(TypeKind kind) { return kind >= TypeKind::kBoolean && kind <= TypeKind::kDecimal; }

bool IsText(TypeKind kind) { return kind == TypeKind::kChar || kind == TypeKind::kVarchar; }

bool IsComplex(TypeKind kind) { return kind >= TypeKind::kArray; }

bool IsAggregateState(TypeKind kind) {
  return kind == TypeKind::kHll || kind == TypeKind::kBitmap || kind == TypeKind::kPercentile;
}

namespace {

struct WireForm {
  sql::MysqlType type;
  uint32_t length;
  uint8_t decimals;
  uint16_t charset;
};

constexpr uint32_t kFullWidth = 1024 * 1024;

WireForm WireFormOf(const DataType& type) {
  using sql::MysqlType;
  constexpr uint16_t binary = sql::kCharsetBinary;
  constexpr uint16_t utf8 = sql::kCharsetUtf8;
  switch (type.kind) {
    case TypeKind::kBoolean:
      return {MysqlType::kTiny, 1, 0, binary};
    case TypeKind::kTinyInt:
      return {MysqlType::kTiny, 4, 0, binary};
    case TypeKind::kSmallInt:
      return {MysqlType::kShort, 6, 0, binary};
    case TypeKind::kInt:
      return {MysqlType::kLong, 11, 0, binary};
    case TypeKind::kBigInt:
      return {MysqlType::kLongLong, 20, 0, binary};
    case TypeKind::kLargeInt:
      return {MysqlType::kString, 40, 0, utf8};
    case TypeKind::kFloat:
      return {MysqlType::kFloat, 12, 31, binary};
    case TypeKind::kDouble:
      return {MysqlType::kDouble, 22, 31, binary};
    case TypeKind::kDecimal:
      return {MysqlType::kNewDecimal, static_cast<uint32_t>(type.precision + 2),
              static_cast<uint8_t>(type.scale), binary};
    case TypeKind::kDate:
      return {MysqlType::kDate, 10, 0, binary};
    case TypeKind::kDateTime:
      return {MysqlType::kDateTime, 19, 0, binary};
    case TypeKind::kTime:
      return {MysqlType::kTime, 10, 0, binary};
    case TypeKind::kChar:
      return {MysqlType::kString, static_cast<uint32_t>(type.length * 3), 0, utf8};
    case TypeKind::kVarchar:
      return {MysqlType::kVarString, static_cast<uint32_t>(type.length * 3), 0, utf8};
    case TypeKind::kVarbinary:
      return {MysqlType::kBlob, kFullWidth, 0, binary};
    case TypeKind::kNull:
      return {MysqlType::kNull, 0, 0, binary};
    default:
      return {MysqlType::kString, kFullWidth, 0, utf8};
  }
}

}  // namespace

sql::ResultColumn WireColumn(std::string name, const DataType& type) {
  const WireForm form = WireFormOf(type);
  sql::ResultColumn column;
  column.name = std::move(name);
  column.type = form.type;
  column.length = form.length;
  column.decimals = form.decimals;
  column.charset = form.charset;
  column.flags = kFlagsNone;
  return column;
}

}  // namespace starlift::sandbox::catalog
