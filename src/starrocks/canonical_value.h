#pragma once

#include <string>
#include <string_view>

#include "starrocks/target_type.h"

namespace starlift::starrocks {

// Appends the canonical bytes of a value of a StarRocks column: the same for all texts that are the
// same value to that column, different for different values. docs/reference/canonical-values.md has
// the table. `text` is what a load carries (starrocks/stored_rows.h) or what StarRocks answers; of
// a VARBINARY the hex form. False, with `to` as it was, if the text is no value of the type.
bool AppendCanonicalValue(const TargetType& type, std::string_view text, std::string& to);

// How a column must be selected for that: "lower(hex(`b`))".
std::string CanonicalSelectExpression(const TargetType& type, std::string_view quoted_name);

}  // namespace starlift::starrocks
