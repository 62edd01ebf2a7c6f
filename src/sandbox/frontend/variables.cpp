#include "sandbox/frontend/variables.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

#include "sandbox/sql/error.h"

namespace starlift::sandbox::frontend {
namespace {

using query::SessionValues;

constexpr std::string_view kSqlModes[] = {"REAL_AS_FLOAT",
                                          "PIPES_AS_CONCAT",
                                          "ANSI_QUOTES",
                                          "IGNORE_SPACE",
                                          "NOT_USED",
                                          "ONLY_FULL_GROUP_BY",
                                          "NO_UNSIGNED_SUBTRACTION",
                                          "NO_DIR_IN_CREATE",
                                          "POSTGRESQL",
                                          "ORACLE",
                                          "MSSQL",
                                          "DB2",
                                          "MAXDB",
                                          "SORT_NULLS_LAST",
                                          "ERROR_IF_OVERFLOW",
                                          "NO_FIELD_OPTIONS",
                                          "MYSQL323",
                                          "MYSQL40",
                                          "ANSI",
                                          "NO_AUTO_VALUE_ON_ZERO",
                                          "NO_BACKSLASH_ESCAPES",
                                          "STRICT_TRANS_TABLES",
                                          "STRICT_ALL_TABLES",
                                          "NO_ZERO_IN_DATE",
                                          "NO_ZERO_DATE",
                                          "ALLOW_INVALID_DATES",
                                          "ERROR_FOR_DIVISION_BY_ZERO",
                                          "TRADITIONAL",
                                          "HIGH_NOT_PRECEDENCE",
                                          "NO_ENGINE_SUBSTITUTION",
                                          "PAD_CHAR_TO_FULL_LENGTH",
                                          "TIME_TRUNCATE_FRACTIONAL",
                                          "NO_AUTO_CREATE_USER",
                                          "GROUP_CONCAT_LEGACY",
                                          "FORBID_INVALID_DATE",
                                          "FORBID_INVALID_IMPLICIT_CAST",
                                          "ALLOW_THROW_EXCEPTION"};

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return lower;
}

std::string Upper(std::string_view text) {
  std::string upper(text);
  for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return upper;
}

Error WrongValue(const VariableDef& variable, std::string_view value) {
  return sql::SqlError(sql::code::kWrongValueForVariable,
                       "Variable '" + std::string(variable.name) +
                           "' can't be set to the value of '" + std::string(value) + "'");
}

Result<std::string> CheckSqlMode(const VariableDef& variable, const std::string& text) {
  std::string_view rest = text;
  while (!rest.empty()) {
    const size_t comma = rest.find(',');
    const std::string mode = Upper(rest.substr(0, comma));
    const bool number = !mode.empty() && std::all_of(mode.begin(), mode.end(),
                                                     [](char c) { return c >= '0' && c <= '9'; });
    if (!number && !mode.empty() &&
        std::find(std::begin(kSqlModes), std::end(kSqlModes), mode) == std::end(kSqlModes)) {
      return WrongValue(variable, mode);
    }
    if (comma == std::string_view::npos) break;
    rest.remove_prefix(comma + 1);
  }
  return Upper(text);
}

Result<std::string> CheckBoolean(const VariableDef& variable, const std::string& text) {
  const std::string word = Lower(text);
  if (word == "true" || word == "1" || word == "on") return std::string("true");
  if (word == "false" || word == "0" || word == "off") return std::string("false");
  return WrongValue(variable, text);
}

Result<std::string> CheckNumber(const VariableDef& variable, const SessionValues::Value& value) {
  const std::string& text = *value.text;
  if (variable.type == VariableType::kDouble) {
    try {
      return std::to_string(std::stod(text));
    } catch (const std::exception&) {
      return sql::AnalyzeError(std::string(variable.name) + " is not a number");
    }
  }
  std::string digits = text;
  const std::string word = Lower(text);
  if (word == "true" || word == "on") digits = "1";
  if (word == "false" || word == "off") digits = "0";
  int64_t number = 0;
  const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (failure != std::errc() || end != digits.data() + digits.size()) {
    return sql::AnalyzeError(std::string(variable.name) + " is not a number");
  }
  if (number < variable.minimum) {
    return sql::AnalyzeError(std::string(variable.name) + " must be equal or greater than " +
                             std::to_string(variable.minimum));
  }
  return std::to_string(number);
}

}  // namespace

const VariableDef* FindVariable(std::string_view name) {
  const std::string wanted = Lower(name);
  for (const VariableDef& variable : VariableDefinitions()) {
    if (wanted == Lower(variable.name)) return &variable;
  }
  return nullptr;
}

std::optional<std::string> GlobalVariables::Get(std::string_view name) const {
  std::lock_guard lock(mutex_);
  const auto found = values_.find(name);
  if (found == values_.end()) return std::nullopt;
  return found->second;
}

void GlobalVariables::Set(std::string_view name, std::string value) {
  std::lock_guard lock(mutex_);
  values_[std::string(name)] = std::move(value);
}

Result<std::string> CheckVariableValue(const VariableDef& variable,
                                       const SessionValues::Value& value) {
  if (variable.read_only) {
    return sql::SqlError(1238,
                         "Variable '" + std::string(variable.name) + "' is a read only variable");
  }
  if (!value.text) {
    const std::string_view name = variable.name;
    return name.starts_with("character_set") ? std::string(variable.value) : std::string();
  }
  const std::string_view name = variable.name;
  if (name == "sql_mode") return CheckSqlMode(variable, *value.text);
  switch (variable.type) {
    case VariableType::kBoolean:
      return CheckBoolean(variable, *value.text);
    case VariableType::kText:
      return *value.text;
    default:
      return CheckNumber(variable, value);
  }
}

std::string UnknownVariableText(std::string_view name) {
  std::vector<std::string> names;
  for (const VariableDef& variable : VariableDefinitions()) names.emplace_back(variable.name);
  std::partial_sort(names.begin(), names.begin() + 3, names.end(),
                    [&](const std::string& a, const std::string& b) {
                      const auto shared = [&](const std::string& candidate) {
                        size_t count = 0;
                        for (const char c : name)
                          count += candidate.find(c) != std::string::npos ? 1 : 0;
                        return count;
                      };
                      return shared(a) > shared(b);
                    });
  return "Unknown system variable '" + std::string(name) + "', the most similar variables are {'" +
         names[0] + "', '" + names[1] + "', '" + names[2] + "'}";
}

catalog::DataType TypeOfVariable(VariableType type) {
  using catalog::DataType;
  using catalog::TypeKind;
  switch (type) {
    case VariableType::kInt:
      return DataType::Of(TypeKind::kInt);
    case VariableType::kBigInt:
      return DataType::Of(TypeKind::kBigInt);
    case VariableType::kBoolean:
      return DataType::Of(TypeKind::kBoolean);
    case VariableType::kDouble:
      return DataType::Of(TypeKind::kDouble);
    case VariableType::kText:
      break;
  }
  return DataType::Varchar(64);  // a text of no stated length is announced as 64 characters
}

std::string ShownInSelect(const VariableDef& variable, const std::string& stored) {
  if (variable.type == VariableType::kBigInt && (stored == "true" || stored == "false")) {
    return stored == "true" ? "1" : "0";
  }
  return stored;
}

bool MatchesLike(std::string_view text, std::string_view pattern, bool ignore_case) {
  const auto same = [&](char a, char b) {
    if (!ignore_case) return a == b;
    return std::tolower(static_cast<unsigned char>(a)) ==
           std::tolower(static_cast<unsigned char>(b));
  };
  size_t t = 0;
  size_t p = 0;
  size_t star = std::string_view::npos;
  size_t retry = 0;
  while (t < text.size()) {
    const bool escaped = p + 1 < pattern.size() && pattern[p] == '\\';
    if (p < pattern.size() && pattern[p] == '%') {
      star = p++;
      retry = t;
    } else if (p < pattern.size() &&
               ((!escaped && pattern[p] == '_') || same(pattern[p + (escaped ? 1 : 0)], text[t]))) {
      p += escaped ? 2 : 1;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++retry;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '%') ++p;
  return p == pattern.size();
}

}  // namespace starlift::sandbox::frontend
