#pragma once

#include <string>
#include <string_view>

namespace starlift::smt {

// A double-quoted YAML scalar.
std::string YamlScalar(std::string_view text);

// One indented line `  name: "value"`.
void AddYamlEntry(std::string& out, std::string_view name, std::string_view value);

}  // namespace starlift::smt
