#pragma once

#include <string>
#include <utility>

#include "sandbox/query/typed.h"

// Private to the files that analyse expressions.
namespace starlift::sandbox::query {

// As an operand prints: in parentheses unless it needs none.
inline std::string Wrapped(const Typed& value) {
  return value.atomic ? value.printed : "(" + value.printed + ")";
}

inline Typed MakeTyped(std::string sql, catalog::DataType type, bool nullable,
                       std::string printed) {
  Typed typed;
  typed.sql = std::move(sql);
  typed.type = std::move(type);
  typed.nullable = nullable;
  typed.printed = std::move(printed);
  return typed;
}

}  // namespace starlift::sandbox::query
