#include "data/checksum.h"

namespace starlift {
namespace {

std::optional<RowChecksum::Sum> ParseSum(const std::optional<std::string>& digits) {
  if (!digits) return 0;
  RowChecksum::Sum sum = 0;
  for (const char c : *digits) {
    if (c < '0' || c > '9') return std::nullopt;
    sum = sum * 10 + static_cast<unsigned>(c - '0');
  }
  return sum;
}

}  // namespace

std::optional<RowChecksum> ParseChecksum(std::span<const std::optional<std::string>> answer) {
  constexpr size_t kFields = 4;
  if (answer.size() != kFields || !answer[0] || answer[0] != answer[1]) return std::nullopt;
  const auto rows = ParseSum(answer[0]);
  const auto first = ParseSum(answer[2]);
  const auto second = ParseSum(answer[3]);
  if (!rows || !first || !second) return std::nullopt;
  return RowChecksum{static_cast<uint64_t>(*rows), *first, *second};
}

}  // namespace starlift
