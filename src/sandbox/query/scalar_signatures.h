#pragma once

#include <span>
#include <string_view>

// StarRocks' scalar functions, as tables: what they take, what they give, what they are in DuckDB.
namespace starlift::sandbox::query {

// One signature. Argument letters: s text, y TINYINT, i INT, l BIGINT, L LARGEINT, d DOUBLE,
// t DATETIME, D DATE, b BOOLEAN, j JSON, v VARBINARY; as they are: n number, e exact number, a any,
// A array, M map, B bitmap, H hll; c: all of them as their common type. '*' repeats the letter
// before it once or more. Result letters are the same, and 1, 2 for the type of that argument, E
// for the element of argument 1, K and V for arrays of its keys and values, O for an array of its
// type, I for array<bigint>, S for array<varchar>. In the DuckDB text $1…$6 are arguments, $* all
// of them, $& all but the first, $| all joined by ||.
struct Signature {
  std::string_view name;
  std::string_view arguments;
  char result;
  std::string_view sql;
};

std::span<const Signature> TextAndNumberSignatures();
std::span<const Signature> MomentSignatures();      // dates and times
std::span<const Signature> CollectionSignatures();  // JSON, arrays, maps, bitmaps, HLL, identity

}  // namespace starlift::sandbox::query
