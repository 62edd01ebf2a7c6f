#pragma once

#include <string>

#include "data/table.h"
#include "starrocks/table_model.h"

namespace starlift::mapping {

// Takes the source column's default over to the target column where StarRocks accepts it as a
// constant. Gives a note for one that is left out, else empty. Loads always name every column, so
// a default matters only to others who write to the table.
std::string MapDefault(const Column& source, starrocks::TargetColumn& target);

}  // namespace starlift::mapping
