#include "load/refused_row_index.h"

#include <algorithm>
#include <cstddef>

#include "load/body_rows.h"

namespace starlift::load {
namespace {

using starrocks::RefusedRow;

// A shorter beginning of a row could be that of many.
constexpr size_t kTellingBytes = 16;

}  // namespace

RefusedRowIndex::RefusedRowIndex(const std::vector<RefusedRow>& refused,
                                 starrocks::LoadFormat format)
    : format_(format) {
  for (const RefusedRow& row : refused) {
    const std::string_view text = WithoutRowEnd(row.row, format);
    if (!text.empty()) by_text_.emplace(text, &row);
  }
}

const RefusedRow* RefusedRowIndex::FindExact(std::string_view row) const {
  const auto found = by_text_.find(WithoutRowEnd(row, format_));
  return found == by_text_.end() ? nullptr : found->second;
}

std::vector<std::pair<size_t, const RefusedRow*>> RefusedRowIndex::FindCut(
    const std::vector<std::string_view>& rows) const {
  std::vector<std::pair<size_t, const RefusedRow*>> found;
  for (const auto& [text, refused] : by_text_) {
    if (text.size() < kTellingBytes) continue;
    const auto begins = [&prefix = text](std::string_view row) { return row.starts_with(prefix); };
    const auto first = std::find_if(rows.begin(), rows.end(), begins);
    if (first == rows.end() || std::find_if(first + 1, rows.end(), begins) != rows.end()) continue;
    found.emplace_back(static_cast<size_t>(first - rows.begin()), refused);
  }
  return found;
}

}  // namespace starlift::load
