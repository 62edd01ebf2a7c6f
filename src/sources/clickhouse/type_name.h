#pragma once

#include <string_view>
#include <vector>

namespace starlift::clickhouse {

// "Decimal(10, 2)" taken apart: "Decimal" and {"10", "2"}. Views into the text.
struct TypeName {
  std::string_view name;
  std::vector<std::string_view> arguments;  // trimmed; commas inside quotes and parentheses stay
};

TypeName ParseTypeName(std::string_view text);

// A type without what is wrapped around it: Nullable, LowCardinality, SimpleAggregateFunction.
struct BareType {
  std::string_view text;
  bool nullable = false;
};

BareType Unwrap(std::string_view text);

// Splits at commas outside of quotes and parentheses; trims.
std::vector<std::string_view> SplitList(std::string_view text);

}  // namespace starlift::clickhouse
