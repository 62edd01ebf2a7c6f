#include "sync/progress/text_table.h"

#include <algorithm>

namespace starlift::sync {
namespace {

constexpr size_t kGap = 2;

std::string TrimmedLine(std::string line) {
  line.erase(line.find_last_not_of(' ') + 1);
  return line + '\n';
}

}  // namespace

size_t CountCharacters(const std::string& text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  }));
}

std::string TextTable::Render() const {
  std::vector<size_t> widths;
  for (const Column& column : columns_) widths.push_back(CountCharacters(column.title));
  for (const auto* rows : {&rows_, &totals_}) {
    for (const auto& row : *rows) {
      for (size_t i = 0; i < row.size(); ++i)
        widths[i] = std::max(widths[i], CountCharacters(row[i]));
    }
  }
  const auto render = [&](const std::vector<std::string>& row) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i) {
      if (i > 0) line.append(kGap, ' ');
      const size_t padding = widths[i] - CountCharacters(row[i]);
      if (columns_[i].align == Align::kRight) line.append(padding, ' ');
      line += row[i];
      if (columns_[i].align == Align::kLeft) line.append(padding, ' ');
    }
    return TrimmedLine(std::move(line));
  };
  size_t whole = 0;
  for (const size_t width : widths) whole += width + kGap;
  const std::string rule = std::string(whole - kGap, '-') + '\n';
  std::vector<std::string> titles;
  for (const Column& column : columns_) titles.push_back(column.title);
  std::string text = render(titles) + rule;
  for (const auto& row : rows_) text += render(row);
  if (!totals_.empty()) text += rule;
  for (const auto& row : totals_) text += render(row);
  return text;
}

}  // namespace starlift::sync
