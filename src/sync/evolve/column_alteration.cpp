#include "sync/evolve/column_alteration.h"

#include <fmt/format.h>

#include "starrocks/ddl_printer.h"
#include "starrocks/type_widening.h"

namespace starlift::sync {
namespace {

using starrocks::TargetColumn;
using starrocks::TargetDefaultKind;
using starrocks::TargetType;
using starrocks::TypeFit;
using Kind = starrocks::TargetTypeKind;

bool IsInteger(Kind kind) { return kind >= Kind::kTinyInt && kind <= Kind::kLargeInt; }
bool IsNumber(Kind kind) { return kind >= Kind::kTinyInt && kind <= Kind::kDecimal; }

// What ALTER TABLE … MODIFY COLUMN converts (StarRocks, SchemaChangeTypeCompatibility): the pairs
// that lose nothing.
bool Converts(const TargetType& from, const TargetType& to) {
  if (from.kind == to.kind) {
    if (from.kind == Kind::kDecimal) {
      return to.scale >= from.scale && to.precision - to.scale >= from.precision - from.scale;
    }
    return to.length == 0 || to.length >= from.length;
  }
  if (IsInteger(from.kind) && IsInteger(to.kind)) return from.kind < to.kind;
  if (to.kind == Kind::kDouble) {
    return from.kind == Kind::kFloat || (IsInteger(from.kind) && from.kind < Kind::kBigInt);
  }
  if (to.kind == Kind::kVarchar) {
    return IsInteger(from.kind) || from.kind == Kind::kDecimal ||
           (from.kind == Kind::kChar && to.length >= from.length);
  }
  return from.kind == Kind::kDate && to.kind == Kind::kDateTime;
}

// What the source puts into rows that exist where a NOT NULL column has no default; empty optional:
// only the source knows.
std::optional<std::string> ImplicitValue(const Column& source, const TargetColumn& wanted) {
  switch (source.type.kind) {
    case TypeKind::kChar:
    case TypeKind::kVarchar:
    case TypeKind::kText:
      return wanted.type.kind == Kind::kVarchar ? std::optional<std::string>("") : std::nullopt;
    case TypeKind::kEnum:
    case TypeKind::kSet:
    case TypeKind::kTime:
    case TypeKind::kBit:
    case TypeKind::kYear:
      return std::nullopt;
    default:
      return IsNumber(wanted.type.kind) ? std::optional<std::string>("0") : std::nullopt;
  }
}

}  // namespace

AddedColumn PlanAddedColumn(const Column& source, const TargetColumn& wanted, bool unknown_values) {
  AddedColumn added{.column = wanted};
  const bool null_in_old_rows = source.nullable && (source.default_kind == DefaultKind::kNone ||
                                                    source.default_kind == DefaultKind::kNull);
  std::optional<std::string> value;
  if (source.default_kind == DefaultKind::kLiteral &&
      wanted.default_kind == TargetDefaultKind::kLiteral) {
    value = wanted.default_text;
  } else if (!source.nullable && source.default_kind == DefaultKind::kNone) {
    value = ImplicitValue(source, wanted);
  }
  added.refill = unknown_values || (!null_in_old_rows && !value);
  if (added.refill || null_in_old_rows) {
    added.column.nullable = true;
    added.column.default_kind = TargetDefaultKind::kNone;
    added.column.default_text.clear();
  } else {
    added.column.default_kind = TargetDefaultKind::kLiteral;
    added.column.default_text = *value;
  }
  return added;
}

std::optional<ColumnModification> PlanModification(const TargetColumn& existing,
                                                   const TargetColumn& wanted) {
  const TypeFit fit = starrocks::FitType(existing.type, wanted.type);
  const bool takes_values = fit == TypeFit::kSame || fit == TypeFit::kOtherForm;
  const bool takes_null = existing.nullable || !wanted.nullable;
  if (takes_values && takes_null) return std::nullopt;
  ColumnModification modification{.column = existing};
  modification.column.nullable = existing.nullable || wanted.nullable;
  if (!takes_values) {
    modification.column.type =
        starrocks::WidestType(existing.type, wanted.type).value_or(wanted.type);
    modification.possible = Converts(existing.type, modification.column.type);
  }
  return modification;
}

std::string PrintColumnClause(const TargetColumn& column) {
  std::string text = fmt::format("{} {} {}", starrocks::QuoteName(column.name),
                                 PrintType(column.type), column.nullable ? "NULL" : "NOT NULL");
  if (column.default_kind == TargetDefaultKind::kLiteral) {
    text += " DEFAULT " + starrocks::QuoteString(column.default_text);
  } else if (column.default_kind == TargetDefaultKind::kCurrentTimestamp) {
    text += " DEFAULT CURRENT_TIMESTAMP";
  }
  if (!column.comment.empty()) text += " COMMENT " + starrocks::QuoteString(column.comment);
  return text;
}

}  // namespace starlift::sync
