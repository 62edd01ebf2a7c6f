#pragma once

#include <string>
#include <vector>

namespace starlift::sync {

// Rows in columns, as plain text for people. Widths count characters, not bytes.
class TextTable {
 public:
  enum class Align { kLeft, kRight };
  struct Column {
    std::string title;
    Align align = Align::kLeft;
  };

  explicit TextTable(std::vector<Column> columns) : columns_(std::move(columns)) {}

  void AddRow(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  // A last row under a line.
  void AddTotal(std::vector<std::string> cells) { totals_.push_back(std::move(cells)); }
  bool empty() const { return rows_.empty(); }

  // Ends with a newline.
  std::string Render() const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_, totals_;
};

// Characters of UTF-8 text, for alignment.
size_t CountCharacters(const std::string& text);

}  // namespace starlift::sync
