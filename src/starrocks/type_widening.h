#pragma once

#include <optional>

#include "starrocks/encode_plan.h"
#include "starrocks/table_model.h"
#include "starrocks/target_type.h"

namespace starlift::starrocks {

// How values meant for a column of one type fare in a column of another.
enum class TypeFit {
  kSame,       // equal, or wider: every value arrives as it is
  kNarrower,   // values out of range are refused by strict mode, none is changed
  kOtherForm,  // every value arrives, but in another form: a number as text
  kNever,      // values would be changed, or never arrive
};

TypeFit FitType(const TargetType& existing, const TargetType& wanted);

// The narrower of the two that takes the values of both; nullopt if neither does.
std::optional<TargetType> WidestType(const TargetType& a, const TargetType& b);

// Fits the plan of a column to a column that is there. FitType must not have said kNever.
void AdaptColumn(const TargetColumn& existing, ColumnPlan& plan);

}  // namespace starlift::starrocks
