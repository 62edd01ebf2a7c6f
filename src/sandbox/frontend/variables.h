#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sandbox/query/typed.h"

namespace starlift::sandbox::frontend {

enum class VariableType : uint8_t { kText, kInt, kBigInt, kBoolean, kDouble };

// A system variable: name, type, default and what SET checks.
struct VariableDef {
  const char* name;
  VariableType type;
  const char* value;
  bool read_only = false;
  int64_t minimum = INT64_MIN;
};

// All of them, sorted by name.
const std::vector<VariableDef>& VariableDefinitions();
const VariableDef* FindVariable(std::string_view name);

// Values that SET GLOBAL changed. Thread-safe.
class GlobalVariables {
 public:
  std::optional<std::string> Get(std::string_view name) const;
  void Set(std::string_view name, std::string value);

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::string, std::less<>> values_;
};

// Whether a time zone is known: "+08:00", "UTC", "Europe/Berlin", "CST".
using TimeZoneCheck = bool (*)(std::string_view name);

// The value of a variable as it is stored, from what SET was given; nullopt stands for DEFAULT.
// Errors as the frontend words them.
Result<std::string> CheckVariableValue(const VariableDef& variable,
                                       const query::SessionValues::Value& value);

// "Unknown system variable 'x', the most similar variables are {…}"
std::string UnknownVariableText(std::string_view name);

catalog::DataType TypeOfVariable(VariableType type);

// What SELECT and SHOW VARIABLES show of a stored value: booleans differ.
std::string ShownInSelect(const VariableDef& variable, const std::string& stored);

// MySQL's LIKE over a name, `\` escapes; case-insensitive.
bool MatchesLike(std::string_view text, std::string_view pattern, bool ignore_case);

}  // namespace starlift::sandbox::frontend
