#pragma once

#include <optional>
#include <string>

#include "starrocks/encode_plan.h"
#include "starrocks/stored_rows.h"

namespace starlift::starrocks {

// Appends a row as a line of a JSON load: what StoredRowReader tells of it, or what the target
// answers to CanonicalSelectExpression of its columns. `op`, where given, becomes its `__op`.
void AppendStoredRow(const EncodePlan& plan, StoredValues values, std::string& body,
                     std::optional<int> op = std::nullopt);

// Header `columns` that goes with such rows: all columns by name where the plan needs none.
std::string StoredRowColumns(const EncodePlan& plan);

}  // namespace starlift::starrocks
