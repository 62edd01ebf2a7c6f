#include "sandbox/catalog/type_resolver.h"

#include <algorithm>
#include <iterator>
#include <limits>

#include "sandbox/sql/error.h"

namespace starlift::sandbox::catalog {
namespace {

struct PlainName {
  std::string_view name;
  TypeKind kind;
};

constexpr PlainName kPlainNames[] = {
    {"BOOLEAN", TypeKind::kBoolean},
    {"TINYINT", TypeKind::kTinyInt},
    {"SMALLINT", TypeKind::kSmallInt},
    {"INT", TypeKind::kInt},
    {"INTEGER", TypeKind::kInt},
    {"SIGNED", TypeKind::kInt},
    {"BIGINT", TypeKind::kBigInt},
    {"LARGEINT", TypeKind::kLargeInt},
    {"FLOAT", TypeKind::kFloat},
    {"DOUBLE", TypeKind::kDouble},
    {"DATE", TypeKind::kDate},
    {"DATETIME", TypeKind::kDateTime},
    {"TIME", TypeKind::kTime},
    {"JSON", TypeKind::kJson},
    {"HLL", TypeKind::kHll},
    {"BITMAP", TypeKind::kBitmap},
    {"PERCENTILE", TypeKind::kPercentile},
};

constexpr int kDefaultDecimalPrecision = 10;
constexpr int kMaxDecimal32Precision = 9;
constexpr int kMaxDecimal64Precision = 18;

int ToLength(int64_t stated) {
  return static_cast<int>(std::min<int64_t>(stated, std::numeric_limits<int>::max()));
}

Result<DataType> ResolveDecimal(const sql::TypeSpec& spec) {
  const int precision = ToLength(spec.first.value_or(kDefaultDecimalPrecision));
  const int scale = ToLength(spec.second.value_or(0));
  int widest = kMaxDecimalPrecision;
  std::string_view word = "DECIMAL";
  if (spec.name == "DECIMAL32") widest = kMaxDecimal32Precision, word = "DECIMAL32";
  if (spec.name == "DECIMAL64") widest = kMaxDecimal64Precision, word = "DECIMAL64";
  if (precision > widest) {
    return sql::SqlError(
        sql::code::kGeneric,
        std::string(word) + "'s precision should range from 1 to " + std::to_string(widest));
  }
  if (scale > precision) {
    return sql::SqlError(sql::code::kGeneric,
                         "DECIMAL(P[,S]) type P must be greater than or equal to the value of S");
  }
  return DataType::Decimal(precision, scale);
}

Result<DataType> ResolveNested(const sql::TypeSpec& spec) {
  DataType type = DataType::Of(spec.name == "ARRAY" ? TypeKind::kArray
                               : spec.name == "MAP" ? TypeKind::kMap
                                                    : TypeKind::kStruct);
  for (const sql::TypeSpec& child : spec.children) {
    SL_ASSIGN(DataType resolved, ResolveType(child));
    type.children.push_back(std::move(resolved));
  }
  type.field_names = spec.field_names;
  if (type.kind == TypeKind::kMap && IsComplex(type.children.front().kind)) {
    return sql::SqlError(sql::code::kGeneric,
                         "Invalid map key type: " + ErrorName(type.children.front()));
  }
  return type;
}

DataType WithLength(TypeKind kind, int length) {
  DataType type = DataType::Of(kind);
  type.length = length;
  return type;
}

}  // namespace

Result<DataType> ResolveType(const sql::TypeSpec& spec) {
  for (const PlainName& plain : kPlainNames) {
    if (plain.name == spec.name) return DataType::Of(plain.kind);
  }
  if (spec.name == "STRING" || spec.name == "TEXT") return DataType::Varchar(kStringLength);
  // A length of 0 is taken as left out.
  const int stated = std::max(ToLength(spec.first.value_or(0)), 0);
  if (spec.name == "CHAR") return WithLength(TypeKind::kChar, std::max(stated, 1));
  if (spec.name == "VARCHAR") return WithLength(TypeKind::kVarchar, std::max(stated, 1));
  if (spec.name == "BINARY" || spec.name == "VARBINARY") {
    return WithLength(TypeKind::kVarbinary, stated > 0 ? stated : -1);
  }
  if (spec.name == "ARRAY" || spec.name == "MAP" || spec.name == "STRUCT") {
    return ResolveNested(spec);
  }
  return ResolveDecimal(spec);
}

std::string ColumnTypeProblem(const DataType& type, std::string_view column) {
  const auto too_long = [&](std::string_view word, int limit) {
    return std::string(word) + " size must be <= " + std::to_string(limit) + ": " +
           std::to_string(type.length);
  };
  switch (type.kind) {
    case TypeKind::kChar:
      if (type.length > kMaxCharLength) return too_long("Char", kMaxCharLength);
      break;
    case TypeKind::kVarchar:
      if (type.length > kMaxVarcharLength) return too_long("Varchar", kMaxVarcharLength);
      break;
    case TypeKind::kVarbinary:
      if (type.length > kMaxVarcharLength) return too_long("VARBINARY", kMaxVarcharLength);
      break;
    case TypeKind::kTime:
      return "Type:TIME of column:" + std::string(column) + " does not support";
    default:
      for (const DataType& child : type.children) {
        if (std::string problem = ColumnTypeProblem(child, column); !problem.empty()) {
          return problem;
        }
      }
  }
  return "";
}

}  // namespace starlift::sandbox::catalog
