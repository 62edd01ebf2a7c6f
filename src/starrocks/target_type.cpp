#include "starrocks/target_type.h"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

namespace starlift::starrocks {
namespace {

using enum TargetTypeKind;

constexpr uint32_t kStringBytes = 65533;  // what STRING stands for

struct TypeName {
  std::string_view name;
  TargetTypeKind kind;
};

// The first name of a kind is the one that is printed.
constexpr std::array kNames = {
    TypeName{"boolean", kBoolean},   TypeName{"bool", kBoolean},
    TypeName{"tinyint", kTinyInt},   TypeName{"smallint", kSmallInt},
    TypeName{"int", kInt},           TypeName{"integer", kInt},
    TypeName{"bigint", kBigInt},     TypeName{"largeint", kLargeInt},
    TypeName{"float", kFloat},       TypeName{"double", kDouble},
    TypeName{"decimal", kDecimal},   TypeName{"decimal32", kDecimal},
    TypeName{"decimal64", kDecimal}, TypeName{"decimal128", kDecimal},
    TypeName{"numeric", kDecimal},   TypeName{"date", kDate},
    TypeName{"datetime", kDateTime}, TypeName{"char", kChar},
    TypeName{"varchar", kVarchar},   TypeName{"string", kVarchar},
    TypeName{"text", kVarchar},      TypeName{"varbinary", kVarbinary},
    TypeName{"binary", kVarbinary},  TypeName{"json", kJson},
};

std::string Lower(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower;
}

std::string_view Trim(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

// "18, 4" to {18, 4}; what isn't there is 0.
std::array<uint32_t, 2> ParseArguments(std::string_view text) {
  std::array<uint32_t, 2> numbers = {0, 0};
  for (uint32_t& number : numbers) {
    const size_t comma = text.find(',');
    const std::string_view part = Trim(text.substr(0, comma));
    std::from_chars(part.data(), part.data() + part.size(), number);
    if (comma == std::string_view::npos) break;
    text.remove_prefix(comma + 1);
  }
  return numbers;
}

std::string Upper(std::string_view text) {
  std::string upper(text);
  std::transform(upper.begin(), upper.end(), upper.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return upper;
}

}  // namespace

std::string PrintType(const TargetType& type) {
  if (type.kind == kOther) return type.other;
  const auto* found = std::find_if(kNames.begin(), kNames.end(),
                                   [&](const TypeName& name) { return name.kind == type.kind; });
  std::string name = Upper(found->name);
  switch (type.kind) {
    case kDecimal:
      return fmt::format("{}({}, {})", name, type.precision, type.scale);
    case kChar:
    case kVarchar:
      return fmt::format("{}({})", name, type.length);
    case kVarbinary:
      return type.length == 0 ? name : fmt::format("{}({})", name, type.length);
    default:
      return name;
  }
}

TargetType ParseType(std::string_view text) {
  const std::string lower = Lower(Trim(text));
  const size_t open = lower.find('(');
  const size_t close = open == std::string::npos ? open : lower.find(')', open);
  const std::string_view name = Trim(std::string_view(lower).substr(0, open));
  const std::string_view after = close == std::string::npos
                                     ? std::string_view{}
                                     : Trim(std::string_view(lower).substr(close + 1));
  const auto* found = std::find_if(kNames.begin(), kNames.end(),
                                   [&](const TypeName& known) { return known.name == name; });
  if (name == "bigint unsigned" || (name == "bigint" && after == "unsigned")) {
    return TargetType{.kind = kLargeInt};
  }
  if (found == kNames.end() || !after.empty() ||
      (open != std::string::npos && close == std::string::npos)) {
    return TargetType{.kind = kOther, .other = std::string(Trim(text))};
  }
  TargetType type{.kind = found->kind};
  const auto arguments =
      close == std::string::npos
          ? std::array<uint32_t, 2>{0, 0}
          : ParseArguments(std::string_view(lower).substr(open + 1, close - open - 1));
  switch (type.kind) {
    case kDecimal:
      type.precision = static_cast<uint8_t>(arguments[0] == 0 ? 10 : arguments[0]);
      type.scale = static_cast<uint8_t>(arguments[1]);
      break;
    case kChar:
      type.length = arguments[0] == 0 ? 1 : arguments[0];
      break;
    case kVarchar:
      type.length = arguments[0] != 0 ? arguments[0] : name == "varchar" ? 1 : kStringBytes;
      break;
    case kVarbinary:
      type.length = arguments[0] == 0 ? kMaxVarbinaryBytes : arguments[0];
      break;
    default:
      break;
  }
  return type;
}

bool MayBePrimaryKey(const TargetType& type) {
  switch (type.kind) {
    case kBoolean:
    case kTinyInt:
    case kSmallInt:
    case kInt:
    case kBigInt:
    case kLargeInt:
    case kDate:
    case kDateTime:
    case kVarchar:
      return true;
    default:
      return false;
  }
}

bool MayBeSortKey(const TargetType& type) {
  return MayBePrimaryKey(type) || type.kind == kDecimal || type.kind == kChar;
}

}  // namespace starlift::starrocks
