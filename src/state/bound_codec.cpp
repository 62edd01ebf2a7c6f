#include "state/bound_codec.h"

#include <cstdint>

namespace starlift::state {
namespace {

constexpr size_t kLengthBytes = 4;

}  // namespace

std::string EncodeBound(const std::vector<std::string>& cells) {
  std::string bytes;
  for (const std::string& cell : cells) {
    const auto length = static_cast<uint32_t>(cell.size());
    for (size_t index = 0; index < kLengthBytes; ++index) {
      bytes.push_back(static_cast<char>(length >> (8 * index)));
    }
    bytes += cell;
  }
  return bytes;
}

Result<std::vector<std::string>> DecodeBound(std::string_view bytes) {
  std::vector<std::string> cells;
  while (!bytes.empty()) {
    uint32_t length = 0;
    if (bytes.size() < kLengthBytes) return Error{ErrorKind::kData, "state: a chunk bound is cut"};
    for (size_t index = 0; index < kLengthBytes; ++index) {
      length |= uint32_t{static_cast<unsigned char>(bytes[index])} << (8 * index);
    }
    bytes.remove_prefix(kLengthBytes);
    if (bytes.size() < length) return Error{ErrorKind::kData, "state: a chunk bound is cut"};
    cells.emplace_back(bytes.substr(0, length));
    bytes.remove_prefix(length);
  }
  return cells;
}

}  // namespace starlift::state
