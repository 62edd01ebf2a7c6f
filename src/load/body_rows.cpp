#include "load/body_rows.h"

#include <cstring>

namespace starlift::load {

std::string_view WithoutRowEnd(std::string_view row, starrocks::LoadFormat format) {
  if (!row.empty() && row.back() == RowEnd(format)) row.remove_suffix(1);
  return row;
}

std::vector<std::string_view> SplitRows(const LoadBuffer& buffer) {
  return SplitRows(buffer.Pieces(), buffer.format);
}

std::vector<std::string_view> SplitRows(std::span<const std::string_view> pieces,
                                        starrocks::LoadFormat format) {
  std::vector<std::string_view> rows;
  const char row_end = RowEnd(format);
  for (std::string_view left : pieces) {
    while (!left.empty()) {
      const void* end = std::memchr(left.data(), row_end, left.size());
      // Rows never go over a segment's border.
      const size_t size =
          end == nullptr ? left.size()
                         : static_cast<size_t>(static_cast<const char*>(end) - left.data()) + 1;
      rows.push_back(left.substr(0, size));
      left.remove_prefix(size);
    }
  }
  return rows;
}

std::vector<std::string_view> JoinRows(std::span<const std::string_view> rows) {
  std::vector<std::string_view> pieces;
  for (const std::string_view row : rows) {
    if (!pieces.empty() && pieces.back().data() + pieces.back().size() == row.data()) {
      pieces.back() = {pieces.back().data(), pieces.back().size() + row.size()};
    } else {
      pieces.push_back(row);
    }
  }
  return pieces;
}

}  // namespace starlift::load
