#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace starlift::starrocks {

// StarRocks column types that Starlift makes or recognises.
enum class TargetTypeKind : uint8_t {
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
  kChar,
  kVarchar,
  kVarbinary,
  kJson,
  kOther,  // ARRAY, MAP, STRUCT, HLL, BITMAP, PERCENTILE, …: kept as text, never made by us
};

inline constexpr uint32_t kMaxVarcharBytes = 1048576;
inline constexpr uint32_t kMaxVarbinaryBytes = 1048576;
inline constexpr uint32_t kMaxJsonBytes = 16 * 1024 * 1024;
inline constexpr uint32_t kMaxPrimaryKeyBytes = 128;
inline constexpr uint8_t kMaxDecimalDigits = 38;

struct TargetType {
  TargetTypeKind kind = TargetTypeKind::kOther;
  uint32_t length = 0;               // kChar, kVarchar, kVarbinary: bytes
  uint8_t precision = 0, scale = 0;  // kDecimal
  std::string other;                 // kOther: as the server prints it

  bool operator==(const TargetType&) const = default;
};

// As in DDL: "VARCHAR(80)", "DECIMAL(18, 4)".
std::string PrintType(const TargetType& type);

// Reads a type as DDL, DESC, SHOW CREATE TABLE or information_schema print it: display widths are
// ignored, `bigint unsigned` is LARGEINT, `string` VARCHAR(65533). Never fails: what it doesn't
// know is kOther.
TargetType ParseType(std::string_view text);

// May be in a PRIMARY KEY, or in the sort key of another model.
bool MayBePrimaryKey(const TargetType& type);
bool MayBeSortKey(const TargetType& type);

}  // namespace starlift::starrocks
