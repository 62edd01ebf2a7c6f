#include "sources/mysql/ddl/value_change.h"

#include <optional>

#include "sources/mysql/types.h"

namespace starlift::mysql {
namespace {

// Bytes of an integer type; 0 for others.
int IntegerBytes(TypeKind kind) {
  switch (kind) {
    case TypeKind::kInt8:
    case TypeKind::kUInt8:
      return 1;
    case TypeKind::kInt16:
    case TypeKind::kUInt16:
      return 2;
    case TypeKind::kInt24:
    case TypeKind::kUInt24:
      return 3;
    case TypeKind::kInt32:
    case TypeKind::kUInt32:
      return 4;
    case TypeKind::kInt64:
    case TypeKind::kUInt64:
      return 8;
    default:
      return 0;
  }
}

bool IsSigned(TypeKind kind) { return kind >= TypeKind::kInt8 && kind <= TypeKind::kInt64; }

bool WidensInteger(TypeKind before, TypeKind after) {
  if (IsSigned(before) == IsSigned(after)) return IntegerBytes(after) >= IntegerBytes(before);
  return IsSigned(after) && IntegerBytes(after) > IntegerBytes(before);
}

bool IsUnicode(const std::string& charset) {
  return charset == "utf8mb4" || charset == "utf16" || charset == "utf32" || charset == "utf16le";
}

// VARCHAR and TEXT keep all that they are given; CHAR loses trailing spaces.
bool KeepsText(const Column& before, const Column& after, bool strict) {
  if (after.type.kind != TypeKind::kVarchar && after.type.kind != TypeKind::kText &&
      after.type.kind != before.type.kind) {
    return false;
  }
  if (before.type.kind != TypeKind::kChar && before.type.kind != TypeKind::kVarchar &&
      before.type.kind != TypeKind::kText) {
    return false;
  }
  // Spaces are cut off without an error.
  if (after.type.length < before.type.length) return false;
  return before.charset == after.charset || IsUnicode(after.charset) || strict;
}

// Labels may be added at the end; all else renumbers or renames.
bool KeepsLabels(const Column& before, const Column& after) {
  const std::string_view labels =
      std::string_view(before.native_type).substr(0, before.native_type.size() - 1);
  if (!after.native_type.starts_with(labels)) return false;
  const char next = after.native_type[labels.size()];
  return next == ',' || next == ')';
}

bool KeepsKind(const Column& before, const Column& after, bool strict) {
  const Type& from = before.type;
  const Type& to = after.type;
  if (IntegerBytes(from.kind) > 0 && IntegerBytes(to.kind) > 0) {
    return strict || WidensInteger(from.kind, to.kind);
  }
  if (from.kind == TypeKind::kChar || from.kind == TypeKind::kVarchar ||
      from.kind == TypeKind::kText) {
    return KeepsText(before, after, strict);
  }
  const bool bytes = from.kind == TypeKind::kVarbinary || from.kind == TypeKind::kBlob;
  if (bytes && (to.kind == TypeKind::kVarbinary || to.kind == TypeKind::kBlob)) {
    return to.length >= from.length || strict;
  }
  if (from.kind != to.kind) return false;
  switch (from.kind) {
    case TypeKind::kDecimal:
      return to.scale >= from.scale &&
             (strict || to.precision - to.scale >= from.precision - from.scale);
    case TypeKind::kDateTime:
    case TypeKind::kTimestamp:
    case TypeKind::kTime:
      return to.scale >= from.scale;
    case TypeKind::kEnum:
    case TypeKind::kSet:
      return KeepsLabels(before, after);
    case TypeKind::kBit:
      return to.length >= from.length || strict;
    case TypeKind::kBinary:
      return to.length == from.length;
    case TypeKind::kFloat:
    case TypeKind::kDouble:
      // FLOAT(8,2) rounds.
      return before.native_type == after.native_type || !HasDisplayForm(after.native_type);
    default:
      return from == to;
  }
}

}  // namespace

bool KeepsValues(const Column& before, const Column& after, bool strict) {
  if (after.generated && !before.generated) return false;
  // NULLs become the type's zero, unless that is refused.
  if (before.nullable && !after.nullable && !strict) return false;
  return KeepsKind(before, after, strict);
}

bool HasUnknownValues(const Column& added) {
  return added.generated || added.auto_increment ||
         added.default_kind == DefaultKind::kCurrentTimestamp ||
         (added.default_kind == DefaultKind::kExpression && added.type.kind != TypeKind::kBit);
}

}  // namespace starlift::mysql
