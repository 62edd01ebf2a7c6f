#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sandbox/sql/result.h"

namespace starlift::sandbox::catalog {

// StarRocks column types. kNull is the type of a bare NULL in an expression, never of a column.
enum class TypeKind : uint8_t {
  kNull,
  kBoolean,
  kTinyInt,
  kSmallInt,
  kInt,
  kBigInt,
  kLargeInt,
  kFloat,
  kDouble,
  kDecimal,
  kDate,
  kDateTime,
  kTime,
  kChar,
  kVarchar,
  kVarbinary,
  kJson,
  kHll,
  kBitmap,
  kPercentile,
  kArray,
  kMap,
  kStruct,
};

inline constexpr int kMaxVarcharLength = 1048576;
inline constexpr int kStringLength = 65533;  // what STRING stands for
inline constexpr int kMaxCharLength = 255;
inline constexpr int kMaxDecimalPrecision = 38;

// A type with its parameters. Plain data, compared by value.
struct DataType {
  TypeKind kind = TypeKind::kNull;
  int length = 0;     // bytes: kChar, kVarchar, kVarbinary (-1: VARBINARY without a length)
  int precision = 0;  // kDecimal
  int scale = 0;      // kDecimal
  std::vector<DataType> children;        // kArray 1, kMap 2 (key, value), kStruct n
  std::vector<std::string> field_names;  // kStruct

  bool operator==(const DataType&) const = default;

  static DataType Of(TypeKind kind);
  static DataType Varchar(int length);
  static DataType Decimal(int precision, int scale);
};

// "bigint(20)", "decimal(10, 2)", "array<int(11)>": as SHOW CREATE TABLE prints it.
std::string ShowCreateName(const DataType& type);
// "bigint", "decimal(10,2)": as DESC prints it.
std::string DescName(const DataType& type);
// "BIGINT", "DECIMAL64(10,2)", "VARCHAR(10)": as error texts name it.
std::string ErrorName(const DataType& type);
// "bigint unsigned", "varchar": information_schema.columns.DATA_TYPE, and COLUMN_TYPE.
std::string InformationSchemaDataType(const DataType& type);
std::string InformationSchemaColumnType(const DataType& type);

// How a value of the type goes over the MySQL protocol.
sql::ResultColumn WireColumn(std::string name, const DataType& type);

bool IsInteger(TypeKind kind);         // kTinyInt … kLargeInt
bool IsNumeric(TypeKind kind);         // integers, floats, decimals, boolean
bool IsText(TypeKind kind);            // kChar, kVarchar
bool IsComplex(TypeKind kind);         // kArray, kMap, kStruct
bool IsAggregateState(TypeKind kind);  // kHll, kBitmap, kPercentile

}  // namespace starlift::sandbox::catalog
