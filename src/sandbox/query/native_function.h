#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sandbox/query/int128.h"

struct _duckdb_connection;  // NOLINT(bugprone-reserved-identifier): DuckDB's own

// Scalar functions in C++ for DuckDB, registered through its C API. duckdb.h stays in the .cpp.
namespace starlift::sandbox::query {

// One argument or result of a native function.
enum class NativeType : uint8_t {
  kText,
  kBytes,
  kInteger,
  kBigInt,
  kHugeInt,
  kDouble,
  kFloat,
  kTimestamp,
  kBoolean
};

struct NativeValue {
  std::string_view text;  // kText, kBytes: as an argument
  std::string bytes;      // kText, kBytes: as a result
  Int128 huge = 0;
  int64_t integer = 0;  // also microseconds since 1970 for kTimestamp
  double real = 0;
};

// NULL arguments give NULL without a call. False: NULL.
using NativeBody =
    std::function<bool(const std::vector<NativeValue>& arguments, NativeValue* result)>;

struct NativeFunction {
  const char* name;
  std::vector<NativeType> arguments;
  NativeType result;
  NativeBody body;
  bool variadic = false;  // any number of kText
};

// Hashes, texts of values, dates: see the .cpp files of the same names.
std::vector<NativeFunction> HashFunctions();
std::vector<NativeFunction> TextFunctions();
std::vector<NativeFunction> MomentFunctions();
std::vector<NativeFunction> JsonFunctions();

Status RegisterNative(_duckdb_connection* connection, const NativeFunction& function);

}  // namespace starlift::sandbox::query
