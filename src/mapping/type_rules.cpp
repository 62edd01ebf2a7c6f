#include "mapping/type_rules.h"

#include <algorithm>

#include <fmt/format.h>

namespace starlift::mapping {
namespace {

using starrocks::CellRule;
using starrocks::kMaxDecimalDigits;
using starrocks::kMaxJsonBytes;
using starrocks::kMaxVarcharBytes;
using starrocks::TargetType;
using starrocks::TargetTypeKind;

// A binary value travels as hex text, and a load's text field may have 1 MiB.
constexpr uint32_t kMaxLoadableBinaryBytes = kMaxVarcharBytes / 2;
constexpr uint32_t kTimeBytes = 18;  // -838:59:59.000000, and room
constexpr uint32_t kUuidBytes = 36;
constexpr uint32_t kInetBytes = 45;  // an IPv6 address with an IPv4 part
constexpr uint32_t kFloatTextBytes = 32;

TypeDecision Plain(TargetTypeKind kind, CellRule rule = CellRule::kNumber) {
  return TypeDecision{.type = TargetType{.kind = kind}, .rule = rule};
}

TypeDecision Varchar(uint64_t bytes, CellRule rule, std::string warning = "") {
  const auto length = static_cast<uint32_t>(std::clamp<uint64_t>(bytes, 1, kMaxVarcharBytes));
  return TypeDecision{.type = TargetType{.kind = TargetTypeKind::kVarchar, .length = length},
                      .rule = rule,
                      .limit_bytes = length,
                      .warning = std::move(warning)};
}

TypeDecision Unsupported(std::string why) {
  return TypeDecision{.supported = false, .warning = std::move(why)};
}

bool IsTinyintOne(const Column& column) {
  return column.type.kind == TypeKind::kBool ||
         (column.type.kind == TypeKind::kInt8 && column.native_type.starts_with("tinyint(1)"));
}

TypeDecision DecideBoolean(const Column& column, const MappingOptions& options) {
  if (!options.tinyint1_as_boolean) return Plain(TargetTypeKind::kTinyInt);
  TypeDecision decision = Plain(TargetTypeKind::kBoolean);
  if (column.type.kind != TypeKind::kBool) decision.warning = "values other than 0 and 1 become 1";
  return decision;
}

TypeDecision DecideFloat(TargetTypeKind kind, ColumnRole role) {
  if (role == ColumnRole::kPrimaryKey) return Unsupported("floating point can't be in a key");
  if (role == ColumnRole::kSortKey) return Varchar(kFloatTextBytes, CellRule::kAscii);
  return Plain(kind, CellRule::kFloat);
}

// Sign, point, and the zero before it, on top of the digits.
uint64_t DecimalTextBytes(const Type& type) { return uint64_t{type.precision} + 3; }

TypeDecision DecideDecimal(const Type& type, ColumnRole role, const MappingOptions& options) {
  const bool wide = type.precision > kMaxDecimalDigits;
  if (wide && options.wide_decimal_as_decimal && role != ColumnRole::kPrimaryKey) {
    TypeDecision decision = Plain(TargetTypeKind::kDecimal);
    decision.type.precision = kMaxDecimalDigits;
    decision.type.scale = std::min(type.scale, kMaxDecimalDigits);
    decision.warning = fmt::format("values of more than {} digits before the point don't fit",
                                   decision.type.precision - decision.type.scale);
    return decision;
  }
  if (wide) {
    return Varchar(DecimalTextBytes(type), CellRule::kAscii,
                   fmt::format("DECIMAL of more than {} digits lands as text", kMaxDecimalDigits));
  }
  if (role == ColumnRole::kPrimaryKey) {
    return Varchar(DecimalTextBytes(type), CellRule::kAscii,
                   "a DECIMAL key lands as text: it sorts as text");
  }
  TypeDecision decision = Plain(TargetTypeKind::kDecimal);
  decision.type.precision = std::max<uint8_t>(type.precision, 1);
  decision.type.scale = type.scale;
  return decision;
}

TypeDecision DecideDate(TargetTypeKind kind, CellRule rule, ColumnRole role,
                        const MappingOptions& options) {
  TypeDecision decision = Plain(kind, rule);
  if (role == ColumnRole::kPrimaryKey || !options.zero_date_as_null) return decision;
  decision.forces_nullable = true;
  decision.warning = "zero and impossible dates become NULL";
  return decision;
}

TypeDecision DecideCharacters(const Type& type, const MappingOptions& options) {
  const uint64_t bytes = type.length * options.bytes_per_character;
  std::string warning;
  if (bytes > kMaxVarcharBytes) {
    warning = fmt::format("values over {} bytes don't fit", kMaxVarcharBytes);
  } else if (options.bytes_per_character < 4 && type.length > 0) {
    warning = fmt::format("values over {} bytes don't fit", std::max<uint64_t>(bytes, 1));
  }
  return Varchar(bytes, CellRule::kText, std::move(warning));
}

TypeDecision DecideText(const Type& type) {
  // Lengths are in characters, of up to four bytes.
  const bool may_be_longer = type.length == 0 || type.length > kMaxVarcharBytes / 4;
  return Varchar(
      kMaxVarcharBytes, CellRule::kText,
      may_be_longer ? fmt::format("values over {} bytes don't fit", kMaxVarcharBytes) : "");
}

TypeDecision DecideLabels(const Type& type) {
  return Varchar(type.length == 0 ? kMaxVarcharBytes : type.length * 4, CellRule::kText);
}

TypeDecision DecideBinary(const Type& type, ColumnRole role) {
  const bool sized = type.length > 0 && type.length <= kMaxLoadableBinaryBytes;
  if (role != ColumnRole::kValue) {
    return Varchar(sized ? type.length * 2 : kMaxVarcharBytes, CellRule::kHex,
                   "a binary key lands as lower-case hex text");
  }
  TypeDecision decision = Plain(TargetTypeKind::kVarbinary, CellRule::kBinary);
  decision.type.length = starrocks::kMaxVarbinaryBytes;
  decision.limit_bytes = kMaxLoadableBinaryBytes;
  if (!sized) {
    decision.warning = fmt::format("values over {} bytes don't fit", kMaxLoadableBinaryBytes);
  }
  return decision;
}

TypeDecision DecideJson(ColumnRole role) {
  if (role == ColumnRole::kPrimaryKey) return Unsupported("JSON can't be in a key");
  if (role == ColumnRole::kSortKey) return Varchar(kMaxVarcharBytes, CellRule::kText);
  TypeDecision decision = Plain(TargetTypeKind::kJson, CellRule::kJson);
  decision.limit_bytes = kMaxJsonBytes;
  return decision;
}

TypeDecision DecideTimestamp(const Column& column, ColumnRole role, const MappingOptions& options) {
  const Result<int32_t> offset = ParseTimeZoneOffset(options.target_time_zone);
  const bool shifted = offset.ok() && *offset != 0;
  TypeDecision decision =
      DecideDate(TargetTypeKind::kDateTime, shifted ? CellRule::kTimestamp : CellRule::kDateTime,
                 role, options);
  if (column.type.kind == TypeKind::kTimestamp) {
    decision.warning += decision.warning.empty() ? "" : "; ";
    decision.warning += fmt::format("lands as DATETIME at {}", options.target_time_zone);
  }
  return decision;
}

}  // namespace

TypeDecision DecideType(const Column& column, ColumnRole role, const MappingOptions& options) {
  if (IsTinyintOne(column)) return DecideBoolean(column, options);
  switch (column.type.kind) {
    case TypeKind::kBool:
    case TypeKind::kInt8:
      return Plain(TargetTypeKind::kTinyInt);
    case TypeKind::kInt16:
    case TypeKind::kUInt8:
    case TypeKind::kYear:
      return Plain(TargetTypeKind::kSmallInt);
    case TypeKind::kInt24:
    case TypeKind::kInt32:
    case TypeKind::kUInt16:
    case TypeKind::kUInt24:
      return Plain(TargetTypeKind::kInt);
    case TypeKind::kInt64:
    case TypeKind::kUInt32:
      return Plain(TargetTypeKind::kBigInt);
    case TypeKind::kUInt64:
      return Plain(TargetTypeKind::kLargeInt);
    case TypeKind::kBit:
      return Plain(column.type.length < 64 ? TargetTypeKind::kBigInt : TargetTypeKind::kLargeInt);
    case TypeKind::kFloat:
      return DecideFloat(options.float_as_double ? TargetTypeKind::kDouble : TargetTypeKind::kFloat,
                         role);
    case TypeKind::kDouble:
      return DecideFloat(TargetTypeKind::kDouble, role);
    case TypeKind::kDecimal:
      return DecideDecimal(column.type, role, options);
    case TypeKind::kDate:
      return DecideDate(TargetTypeKind::kDate, CellRule::kDate, role, options);
    case TypeKind::kDateTime:
      return DecideDate(TargetTypeKind::kDateTime, CellRule::kDateTime, role, options);
    case TypeKind::kTimestamp:
      return DecideTimestamp(column, role, options);
    case TypeKind::kTime:
      return Varchar(kTimeBytes, CellRule::kAscii);
    case TypeKind::kChar:
    case TypeKind::kVarchar:
      return DecideCharacters(column.type, options);
    case TypeKind::kText:
      return DecideText(column.type);
    case TypeKind::kEnum:
    case TypeKind::kSet:
      return DecideLabels(column.type);
    case TypeKind::kJson:
      return DecideJson(role);
    case TypeKind::kBinary:
    case TypeKind::kVarbinary:
    case TypeKind::kBlob:
      return DecideBinary(column.type, role);
    case TypeKind::kGeometry:
      if (role == ColumnRole::kPrimaryKey) return Unsupported("a geometry can't be in a key");
      return Varchar(kMaxVarcharBytes, CellRule::kWkt, "lands as well-known text");
    case TypeKind::kUuid:
      return Varchar(kUuidBytes, CellRule::kAscii);
    case TypeKind::kInet:
      return Varchar(kInetBytes, CellRule::kAscii);
    case TypeKind::kUnsupported:
      break;
  }
  return Unsupported(fmt::format("type {} is not supported", column.native_type));
}

}  // namespace starlift::mapping
