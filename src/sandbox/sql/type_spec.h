#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "sandbox/sql/token_reader.h"

namespace starlift::sandbox::sql {

// A type as written: DECIMAL(10, 2), ARRAY<INT>. What it stands for is catalog/type_resolver.h.
struct TypeSpec {
  std::string name;  // upper case: "DECIMAL"
  std::optional<int64_t> first;
  std::optional<int64_t> second;
  std::vector<TypeSpec> children;        // ARRAY, MAP, STRUCT
  std::vector<std::string> field_names;  // STRUCT
};

// Whether a type begins here, judged by its first words.
bool SeesType(const TokenReader& reader);
Result<TypeSpec> ParseType(TokenReader& reader);

}  // namespace starlift::sandbox::sql
