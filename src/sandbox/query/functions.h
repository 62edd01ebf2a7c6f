#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"
#include "sandbox/query/typed.h"

// StarRocks' functions: signatures and what they are in DuckDB. One table each for scalar functions
// (scalar_functions.cpp) and aggregates (aggregate_functions.cpp).
namespace starlift::sandbox::query {

// A scalar call with analysed arguments. Unknown names and arguments that fit no signature are
// "No matching function with signature: f(int(11))." at `begin`…`end`.
Result<Typed> ResolveScalar(std::string_view name, const std::vector<Typed>& arguments,
                            sql::Position begin, sql::Position end);

bool IsAggregate(std::string_view name);
bool IsWindowOnly(std::string_view name);  // row_number, rank, lag, …

struct AggregateCall {
  std::string_view name;
  std::vector<Typed> arguments;
  bool distinct = false;
  bool star = false;      // count(*)
  std::string order_by;   // "x DESC NULLS LAST, …" or empty
  std::string separator;  // group_concat: a DuckDB expression, or empty
  std::string over;       // " OVER (…)" or empty
  bool ignore_nulls = false;
};
// An aggregate or window call.
Result<Typed> ResolveAggregate(const AggregateCall& call, sql::Position begin, sql::Position end);

// "No matching function with signature: name(types)."
Error NoMatchingFunction(std::string_view name, const std::vector<Typed>& arguments,
                         sql::Position begin, sql::Position end);

}  // namespace starlift::sandbox::query
