#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace starlift::smt {

// "decimal(10,2) unsigned zerofill" taken apart. Lower case.
struct NativeType {
  std::string name;                  // "decimal", "double precision", "timestamp with time zone"
  std::vector<uint32_t> parameters;  // of the first pair of parentheses, if they hold numbers
  bool is_unsigned = false;          // ZEROFILL implies it
  bool zerofill = false;
};

// Never fails: what it can't read stays in the name.
NativeType ReadNativeType(std::string_view text);

// "DECIMAL(10, 2)", the way all our files spell it.
std::string DecimalText(uint32_t precision, uint32_t scale);

}  // namespace starlift::smt
