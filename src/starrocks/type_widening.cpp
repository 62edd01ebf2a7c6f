#include "starrocks/type_widening.h"

#include <algorithm>

namespace starlift::starrocks {
namespace {

using enum TargetTypeKind;

// Position in the chain of integers; −1 for others.
int IntegerRank(TargetTypeKind kind) {
  switch (kind) {
    case kTinyInt:
      return 0;
    case kSmallInt:
      return 1;
    case kInt:
      return 2;
    case kBigInt:
      return 3;
    case kLargeInt:
      return 4;
    default:
      return -1;
  }
}

bool IsText(TargetTypeKind kind) { return kind == kVarchar || kind == kChar; }

TypeFit FitInteger(const TargetType& existing, int wanted_rank) {
  static constexpr int kDigits[] = {3, 5, 10, 19, 39};
  const int rank = IntegerRank(existing.kind);
  if (rank >= 0) return rank >= wanted_rank ? TypeFit::kSame : TypeFit::kNarrower;
  if (existing.kind == kDecimal) {
    return existing.precision - existing.scale >= kDigits[wanted_rank] ? TypeFit::kSame
                                                                       : TypeFit::kNarrower;
  }
  if (existing.kind == kVarchar) return TypeFit::kOtherForm;
  return TypeFit::kNever;
}

TypeFit FitDecimal(const TargetType& existing, const TargetType& wanted) {
  if (existing.kind == kVarchar) return TypeFit::kOtherForm;
  // Fraction digits that don't fit are rounded, not refused.
  if (existing.kind == kDecimal && existing.scale >= wanted.scale) {
    return existing.precision - existing.scale >= wanted.precision - wanted.scale
               ? TypeFit::kSame
               : TypeFit::kNarrower;
  }
  if (wanted.scale == 0 && IntegerRank(existing.kind) >= 0) return TypeFit::kNarrower;
  return TypeFit::kNever;
}

}  // namespace

TypeFit FitType(const TargetType& existing, const TargetType& wanted) {
  if (const int rank = IntegerRank(wanted.kind); rank >= 0) return FitInteger(existing, rank);
  switch (wanted.kind) {
    case kDecimal:
      return FitDecimal(existing, wanted);
    case kVarchar:
    case kChar:
      if (!IsText(existing.kind)) return TypeFit::kNever;
      return existing.length >= wanted.length ? TypeFit::kSame : TypeFit::kNarrower;
    case kFloat:
      if (existing.kind == kFloat || existing.kind == kDouble) return TypeFit::kSame;
      return existing.kind == kVarchar ? TypeFit::kOtherForm : TypeFit::kNever;
    case kDouble:
    case kDate:
    case kDateTime:
    case kJson:
      if (existing.kind == wanted.kind) return TypeFit::kSame;
      if (wanted.kind == kDate && existing.kind == kDateTime) return TypeFit::kOtherForm;
      return existing.kind == kVarchar ? TypeFit::kOtherForm : TypeFit::kNever;
    case kVarbinary:
      if (existing.kind != kVarbinary) return TypeFit::kNever;
      return existing.length == 0 || existing.length >= wanted.length ? TypeFit::kSame
                                                                      : TypeFit::kNarrower;
    case kBoolean:
      if (IntegerRank(existing.kind) >= 0) return TypeFit::kOtherForm;
      return existing.kind == kBoolean ? TypeFit::kSame : TypeFit::kNever;
    default:
      return existing == wanted ? TypeFit::kSame : TypeFit::kNever;
  }
}

std::optional<TargetType> WidestType(const TargetType& a, const TargetType& b) {
  if (a.kind == b.kind) {
    TargetType wider = a;
    wider.length = std::max(a.length, b.length);
    if (a.kind == kDecimal) {
      const int scale = std::max(a.scale, b.scale);
      const int whole = std::max(a.precision - a.scale, b.precision - b.scale);
      if (whole + scale > kMaxDecimalDigits) return std::nullopt;
      wider.scale = static_cast<uint8_t>(scale);
      wider.precision = static_cast<uint8_t>(whole + scale);
    }
    return a.kind != kOther || a == b ? std::optional(wider) : std::nullopt;
  }
  if (FitType(a, b) == TypeFit::kSame) return a;
  if (FitType(b, a) == TypeFit::kSame) return b;
  return std::nullopt;
}

void AdaptColumn(const TargetColumn& existing, ColumnPlan& plan) {
  if (IsText(existing.type.kind)) {
    plan.limit_bytes = existing.type.length;
    // Valid JSON and numbers are text as they are.
    if (plan.rule == CellRule::kJson) plan.rule = CellRule::kText;
    if (plan.rule == CellRule::kNumber) plan.rule = CellRule::kAscii;
  } else if (existing.type.kind == kVarbinary && existing.type.length > 0) {
    plan.limit_bytes = std::min(plan.limit_bytes, existing.type.length);
  }
  plan.type = existing.type;
  plan.nullable = existing.nullable;
  plan.name = existing.name;
}

}  // namespace starlift::starrocks
