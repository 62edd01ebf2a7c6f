#include "sandbox/ddl/type_change.h"

#include "sandbox/sql/error.h"

namespace starlift::sandbox::ddl {

using catalog::ColumnDef;
using catalog::DataType;
using catalog::DefaultKind;
using catalog::TypeKind;

namespace {

bool DecimalWidens(const DataType& before, const DataType& after) {
  return after.scale >= before.scale &&
         after.precision - after.scale >= before.precision - before.scale;
}

bool TextBecomes(TypeKind after) {
  return (catalog::IsInteger(after)) || after == TypeKind::kFloat || after == TypeKind::kDouble ||
         after == TypeKind::kDate || after == TypeKind::kJson || after == TypeKind::kVarchar;
}

bool CanBecome(const DataType& before, const DataType& after) {
  const TypeKind from = before.kind;
  const TypeKind to = after.kind;
  if (from == TypeKind::kDecimal && to == TypeKind::kDecimal) return DecimalWidens(before, after);
  if (catalog::IsComplex(from) || catalog::IsComplex(to)) return before == after;
  if (from == to) return true;
  if (catalog::IsInteger(from) && catalog::IsInteger(to)) return from < to;
  const bool narrow_integer = catalog::IsInteger(from) && from != TypeKind::kLargeInt;
  if (to == TypeKind::kDouble && (narrow_integer || from == TypeKind::kFloat)) return true;
  const bool number = catalog::IsNumeric(from) && from != TypeKind::kBoolean;
  if (to == TypeKind::kVarchar && (number || from == TypeKind::kChar || from == TypeKind::kJson)) {
    return true;
  }
  if (from == TypeKind::kInt && to == TypeKind::kDate) return true;
  if (from == TypeKind::kVarchar) return TextBecomes(to);
  return (from == TypeKind::kDate && to == TypeKind::kDateTime) ||
         (from == TypeKind::kDateTime && to == TypeKind::kDate);
}

bool SameDefault(const ColumnDef& before, const ColumnDef& after) {
  const auto effective = [](const ColumnDef& column) {
    return column.default_kind == DefaultKind::kNull ? DefaultKind::kNone : column.default_kind;
  };
  return effective(before) == effective(after) && before.default_text == after.default_text;
}

Error Refused(const std::string& text) { return sql::SqlError(sql::code::kGeneric, text); }

}  // namespace

Status CheckColumnChange(const ColumnDef& before, const ColumnDef& after) {
  if (!CanBecome(before.type, after.type)) {
    return Refused("Can not change " + catalog::ErrorName(before.type) + " to " +
                   catalog::ErrorName(after.type));
  }
  if (before.aggregate != after.aggregate || before.is_key != after.is_key) {
    return Refused("Can not change aggregation type");
  }
  if (before.nullable && !after.nullable) {
    return Refused("Can not change from nullable to non-nullable");
  }
  if (!SameDefault(before, after)) return Refused("Can not change default value");
  const bool both_text = catalog::IsText(before.type.kind) && catalog::IsText(after.type.kind);
  if (both_text && before.type.length > after.type.length) {
    return Refused("Cannot shorten string length");
  }
  return {};
}

}  // namespace starlift::sandbox::ddl
