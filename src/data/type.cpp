#include "data/type.h"

namespace starlift {

std::string_view TypeKindName(TypeKind kind) {
  switch (kind) {
    case TypeKind::kBool:
      return "bool";
    case TypeKind::kInt8:
      return "int8";
    case TypeKind::kInt16:
      return "int16";
    case TypeKind::kInt24:
      return "int24";
    case TypeKind::kInt32:
      return "int32";
    case TypeKind::kInt64:
      return "int64";
    case TypeKind::kUInt8:
      return "uint8";
    case TypeKind::kUInt16:
      return "uint16";
    case TypeKind::kUInt24:
      return "uint24";
    case TypeKind::kUInt32:
      return "uint32";
    case TypeKind::kUInt64:
      return "uint64";
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
    case TypeKind::kTimestamp:
      return "timestamp";
    case TypeKind::kTime:
      return "time";
    case TypeKind::kYear:
      return "year";
    case TypeKind::kChar:
      return "char";
    case TypeKind::kVarchar:
      return "varchar";
    case TypeKind::kText:
      return "text";
    case TypeKind::kEnum:
      return "enum";
    case TypeKind::kSet:
      return "set";
    case TypeKind::kJson:
      return "json";
    case TypeKind::kBinary:
      return "binary";
    case TypeKind::kVarbinary:
      return "varbinary";
    case TypeKind::kBlob:
      return "blob";
    case TypeKind::kBit:
      return "bit";
    case TypeKind::kGeometry:
      return "geometry";
    case TypeKind::kUuid:
      return "uuid";
    case TypeKind::kInet:
      return "inet";
    case TypeKind::kUnsupported:
      return "unsupported";
  }
  return "unsupported";
}

bool IsInteger(TypeKind kind) {
  return (kind >= TypeKind::kInt8 && kind <= TypeKind::kUInt64) || kind == TypeKind::kYear;
}

bool IsText(TypeKind kind) {
  return (kind >= TypeKind::kChar && kind <= TypeKind::kSet) || kind == TypeKind::kUuid ||
         kind == TypeKind::kInet;
}

bool IsBinary(TypeKind kind) { return kind >= TypeKind::kBinary && kind <= TypeKind::kBlob; }

}  // namespace starlift
