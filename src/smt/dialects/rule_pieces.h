#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "smt/type_rules.h"

namespace starlift::smt {

// What the rules of several sources have in common.

ColumnType SameType(std::string_view starrocks, std::string_view flink);

// kRight: DECIMAL where StarRocks holds it, text in a primary key and where it doesn't.
ColumnType DecimalRule(uint32_t precision, uint32_t scale, const TypeRequest& request);

// Of at most so many characters; 0: no bound.
ColumnType TextRule(uint64_t characters, const TypeRequest& request);

ColumnType JsonRule(const TypeRequest& request);

// Bytes that go through Flink CDC as lower-case hex text, of which the load makes bytes; in a key
// they stay text.
void SendAsHex(ColumnType& type, bool in_key);

// kCompat: text, as the original has it.
ColumnType BytesRule(const TypeRequest& request);

// A time of day, which Flink CDC gives as TIME(digits). kRight only.
ColumnType TimeOfDayRule(uint32_t digits);

// "Map(String, Array(Int8))" or "map<string,array<int>>" taken apart at its outermost brackets.
// Views into the text.
struct NestedType {
  std::string_view name;
  std::vector<std::string_view> arguments;
};
NestedType ReadNestedType(std::string_view text, char open, char close);

}  // namespace starlift::smt
