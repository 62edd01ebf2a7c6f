#pragma once

#include <string>
#include <string_view>

namespace starlift::starrocks {

// Appends the one form that all texts of the same JSON value share: no blanks; members sorted by
// name, the last of equal names; strings in UTF-8 with nothing escaped but `"` and `\`; numbers
// that are integers of 64 bits as such, others as the shortest text of their double. False, with
// `to` as it was, if the text is no JSON.
bool AppendCanonicalJson(std::string_view text, std::string& to);

}  // namespace starlift::starrocks
