#include "sources/postgres/types.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "sources/postgres/column_default.h"

namespace starlift::postgres {
namespace {

constexpr int kModifierHeader = 4;  // of character types and numeric: VARHDRSZ
constexpr uint64_t kUuidCharacters = 36;
constexpr uint64_t kInetCharacters = 45;
constexpr uint64_t kNameCharacters = 63;
constexpr uint64_t kMacaddrCharacters = 17;
constexpr uint64_t kMacaddr8Characters = 23;
constexpr uint64_t kTimeWithZoneCharacters = 24;  // 00:00:00.000000+15:59:59
constexpr uint8_t kMostFractionDigits = 6;
constexpr uint8_t kMoneyDigits = 19;

constexpr std::pair<std::string_view, TypeKind> kPlain[] = {
    {"bool", TypeKind::kBool},          {"int2", TypeKind::kInt16},
    {"int4", TypeKind::kInt32},         {"int8", TypeKind::kInt64},
    {"oid", TypeKind::kUInt32},         {"xid", TypeKind::kUInt32},
    {"float4", TypeKind::kFloat},       {"float8", TypeKind::kDouble},
    {"date", TypeKind::kDate},          {"bytea", TypeKind::kBlob},
    {"json", TypeKind::kJson},          {"jsonb", TypeKind::kJson},
    {"text", TypeKind::kText},          {"citext", TypeKind::kText},
    {"xml", TypeKind::kText},           {"geometry", TypeKind::kGeometry},
    {"geography", TypeKind::kGeometry}, {"hstore", TypeKind::kJson},
};

constexpr std::pair<std::string_view, uint64_t> kSizedText[] = {
    {"name", kNameCharacters},           {"char", 1},
    {"macaddr", kMacaddrCharacters},     {"macaddr8", kMacaddr8Characters},
    {"timetz", kTimeWithZoneCharacters},
};

Type Characters(TypeKind kind, int32_t modifier) {
  if (modifier < kModifierHeader) return {.kind = TypeKind::kText};
  return {.kind = kind, .length = static_cast<uint64_t>(modifier - kModifierHeader)};
}

// From version 15 the scale may be negative (digits before the point are rounded away) or larger
// than the precision (zeros follow the point); both are widened to what holds the values.
Type Numeric(int32_t modifier) {
  if (modifier < kModifierHeader) return {.kind = TypeKind::kText};
  const int packed = modifier - kModifierHeader;
  int precision = (packed >> 16) & 0xffff;
  int scale = ((packed & 0x7ff) ^ 1024) - 1024;  // 11 bits, signed
  if (scale < 0) {
    precision -= scale;
    scale = 0;
  }
  precision = std::max(precision, scale);
  if (precision > std::numeric_limits<uint8_t>::max()) return {.kind = TypeKind::kText};
  return {.kind = TypeKind::kDecimal,
          .precision = static_cast<uint8_t>(precision),
          .scale = static_cast<uint8_t>(scale)};
}

Type Fractional(TypeKind kind, int32_t modifier) {
  const bool given = modifier >= 0 && modifier < kMostFractionDigits;
  return {.kind = kind, .scale = given ? static_cast<uint8_t>(modifier) : kMostFractionDigits};
}

std::optional<Type> FindPlain(std::string_view name) {
  for (const auto& [known, kind] : kPlain) {
    if (name == known) return Type{.kind = kind};
  }
  for (const auto& [known, length] : kSizedText) {
    if (name == known) return Type{.kind = TypeKind::kVarchar, .length = length};
  }
  return std::nullopt;
}

}  // namespace

ResolvedType Resolve(const NativeTypes& types, uint32_t oid, int32_t modifier) {
  ResolvedType resolved{.oid = oid, .modifier = modifier};
  // A domain's chain can't be circular; the bound is for a catalog that is broken.
  for (size_t depth = 0; depth <= types.size(); ++depth) {
    const auto found = types.find(resolved.oid);
    if (found == types.end()) return resolved;
    resolved.native = &found->second;
    if (found->second.type != 'd') return resolved;
    resolved.not_null = resolved.not_null || found->second.not_null;
    resolved.oid = found->second.base;
    resolved.modifier = found->second.base_modifier;
  }
  return resolved;
}

Type TypeOf(const ResolvedType& resolved, uint8_t money_scale) {
  if (resolved.native == nullptr) return {};
  const NativeType& native = *resolved.native;
  // Any number of dimensions, any lower bound, NULL inside: as JSON nothing is lost.
  if (native.is_array) return {.kind = TypeKind::kJson};
  if (native.type == 'c') return {.kind = TypeKind::kJson};
  if (native.type == 'e') return {.kind = TypeKind::kEnum, .length = native.longest_label};
  const std::string_view name = native.name;
  if (const auto plain = FindPlain(name)) return *plain;
  if (name == "numeric") return Numeric(resolved.modifier);
  if (name == "money") {
    return {.kind = TypeKind::kDecimal, .precision = kMoneyDigits, .scale = money_scale};
  }
  if (name == "varchar") return Characters(TypeKind::kVarchar, resolved.modifier);
  if (name == "bpchar") return Characters(TypeKind::kChar, resolved.modifier);
  if (name == "timestamp") return Fractional(TypeKind::kDateTime, resolved.modifier);
  if (name == "timestamptz") return Fractional(TypeKind::kTimestamp, resolved.modifier);
  if (name == "time") return Fractional(TypeKind::kTime, resolved.modifier);
  if (name == "bit" || name == "varbit") {
    // Text of 0 and 1: the length, leading zeros and all, is part of the value.
    if (resolved.modifier <= 0) return {.kind = TypeKind::kText};
    return {.kind = TypeKind::kVarchar, .length = static_cast<uint64_t>(resolved.modifier)};
  }
  if (name == "uuid") return {.kind = TypeKind::kUuid, .length = kUuidCharacters};
  if (name == "inet" || name == "cidr") return {.kind = TypeKind::kInet, .length = kInetCharacters};
  // Ranges, search types, points, intervals, extensions' types: every type has a text form.
  return {.kind = TypeKind::kText};
}

Column ColumnOf(const ColumnRow& row, const NativeTypes& types, uint8_t money_scale) {
  const ResolvedType resolved = Resolve(types, row.type, row.modifier);
  Column column;
  column.name = row.name;
  column.type = TypeOf(resolved, money_scale);
  column.native_type = row.native_type;
  column.nullable = !row.not_null && !resolved.not_null;
  column.comment = row.comment;
  if (IsText(column.type.kind)) {
    column.charset = "utf8";  // the session's client_encoding
    column.collation = row.collation;
  }
  column.generated = row.generated;
  if (!row.generated) ReadDefault(row, column);
  return column;
}

}  // namespace starlift::postgres
