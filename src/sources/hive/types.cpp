#include "sources/hive/types.h"

#include <charconv>
#include <utility>
#include <vector>

namespace starlift::hive {
namespace {

constexpr std::pair<std::string_view, TypeKind> kPlain[] = {
    {"boolean", TypeKind::kBool},   {"tinyint", TypeKind::kInt8},
    {"smallint", TypeKind::kInt16}, {"int", TypeKind::kInt32},
    {"integer", TypeKind::kInt32},  {"bigint", TypeKind::kInt64},
    {"float", TypeKind::kFloat},    {"double", TypeKind::kDouble},
    {"date", TypeKind::kDate},      {"double precision", TypeKind::kDouble},
    {"string", TypeKind::kText},    {"binary", TypeKind::kBlob},
};

constexpr uint8_t kPlainDecimalDigits = 10;
constexpr uint8_t kFractionDigits = 6;  // of nine; nanoseconds are cut

std::vector<uint32_t> Arguments(std::string_view text) {
  std::vector<uint32_t> numbers;
  const size_t open = text.find('(');
  if (open == std::string_view::npos) return numbers;
  const char* at = text.data() + open + 1;
  const char* const end = text.data() + text.size();
  while (at < end) {
    uint32_t number = 0;
    const auto [next, error] = std::from_chars(at, end, number);
    if (error != std::errc()) break;
    numbers.push_back(number);
    at = next;
    while (at < end && (*at == ',' || *at == ' ')) ++at;
  }
  return numbers;
}

}  // namespace

Type TypeOf(std::string_view text) {
  for (const auto& [name, kind] : kPlain) {
    if (text == name) return {.kind = kind};
  }
  const std::vector<uint32_t> arguments = Arguments(text);
  const uint32_t first = arguments.empty() ? 0 : arguments[0];
  if (text.starts_with("decimal") || text.starts_with("numeric")) {
    return {.kind = TypeKind::kDecimal,
            .precision = arguments.empty() ? kPlainDecimalDigits : static_cast<uint8_t>(first),
            .scale = arguments.size() < 2 ? uint8_t{0} : static_cast<uint8_t>(arguments[1])};
  }
  if (text == "timestamp" || text == "timestamp_ntz") {
    return {.kind = TypeKind::kDateTime, .scale = kFractionDigits};
  }
  if (text.starts_with("timestamp"))
    return {.kind = TypeKind::kTimestamp, .scale = kFractionDigits};
  if (text.starts_with("varchar")) return {.kind = TypeKind::kVarchar, .length = first};
  if (text.starts_with("char")) return {.kind = TypeKind::kChar, .length = first};
  if (text.starts_with("interval")) return {.kind = TypeKind::kText};
  for (const std::string_view container : {"array<", "map<", "struct<", "uniontype<"}) {
    if (text.starts_with(container)) return {.kind = TypeKind::kJson};
  }
  return {};
}

}  // namespace starlift::hive
